import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { checkOptions, type OptionNames, wrongType } from "@jobq/core";
import { type ApiKey, checkKeys } from "@jobq/server";
import { UsageError } from "../failure.ts";

/** What a configuration file may say. Paths in it start from the folder that the command is called in. */
export interface Configuration {
  readonly url?: string;
  readonly key?: string;
  readonly store?: string;
  readonly http?: string;
  readonly basePath?: string;
  readonly workers?: number;
  readonly dataDir?: string;
  readonly shutdownTimeout?: string;
  readonly keepDone?: string;
  readonly keepCanceled?: string;
  readonly jobs?: string;
  /** The keys that open the API of `serve`. */
  readonly keys?: readonly ApiKey[];
}

const NAMES: OptionNames<Configuration> = {
  url: true,
  key: true,
  store: true,
  http: true,
  basePath: true,
  workers: true,
  dataDir: true,
  shutdownTimeout: true,
  keepDone: true,
  keepCanceled: true,
  jobs: true,
  keys: true,
};

/** The file that is read when none is named. */
export const CONFIGURATION_FILE = "jobq.json";

/**
 * What the file says; nothing where none is named and there is none.
 * @throws {UsageError} it cannot be read, is no JSON, or says what there is not
 */
export async function readConfiguration(named: string | undefined, cwd: string): Promise<Configuration> {
  const path = resolve(cwd, named ?? CONFIGURATION_FILE);
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (named === undefined && (error as NodeJS.ErrnoException).code === "ENOENT") return {};
    throw new UsageError(`the configuration file cannot be read: ${(error as Error).message}`);
  }
  try {
    return checkConfiguration(JSON.parse(text));
  } catch (error) {
    throw new UsageError(`${path}: ${(error as Error).message}`);
  }
}

function checkConfiguration(value: unknown): Configuration {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw wrongType("the configuration", "an object", value);
  }
  const configuration = value as Configuration;
  checkOptions(configuration, NAMES, "the configuration");
  for (const [name, one] of Object.entries(configuration)) {
    if (name !== "keys" && name !== "workers" && typeof one !== "string") throw wrongType(name, "a string", one);
  }
  const { keys, workers } = configuration;
  if (keys !== undefined) checkKeys(keys);
  if (workers !== undefined && typeof workers !== "number") throw wrongType("workers", "a number", workers);
  return configuration;
}
