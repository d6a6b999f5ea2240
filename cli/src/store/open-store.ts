import { join, resolve } from "node:path";
import { checkOptions, type OptionNames } from "@jobq/core";
import { levelJobs } from "@jobq/job-level";
import { memoryJobs } from "@jobq/job-memory";
import { levelTopics } from "@jobq/pq-level";
import { memoryTopics } from "@jobq/pq-memory";
import { checkType } from "@jobq/service/module";
import { mustBeThere } from "./must-be-there.ts";
import { openSqlStore } from "./open-sql-store.ts";
import type { OpenedStore, OpenOptions } from "./opened-store.ts";
import { storeAddress } from "./store-address.ts";

const OPTIONS: OptionNames<OpenOptions> = { cwd: true, create: true, listen: true };

/**
 * Opens the store at an address, in any form that `--store` takes. For a SQL store, `sql.migrate()` creates or updates
 * its tables.
 * @throws {TypeError} not the address of a store, or unknown options
 * @throws {JobqError} STORE_FAILED if the store does not exist or its driver is not installed
 */
export async function openStore(text: string, options: OpenOptions): Promise<OpenedStore> {
  const address = storeAddress(text);
  checkOpenOptions(options);
  if (address.kind === "memory") return { jobs: memoryJobs(), topics: memoryTopics(), close: async () => {} };
  if (address.kind !== "level") return openSqlStore(address, options);
  const path = resolve(options.cwd, address.path);
  if (!options.create) await mustBeThere(join(path, "CURRENT"), path);
  return { jobs: levelJobs(path), topics: levelTopics(path), close: async () => {} };
}

function checkOpenOptions(options: OpenOptions): void {
  checkOptions(checkType(options, "object", "options of openStore"), OPTIONS, "options of openStore");
  const { cwd, create, listen = false } = options;
  checkType(cwd, "string", "cwd");
  checkType(create, "boolean", "create");
  checkType(listen, "boolean", "listen");
}
