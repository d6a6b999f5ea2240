import type { Kysely } from "kysely";
import type { Layout } from "../schema/layout.ts";
import { checkVersion } from "../schema/stored-version.ts";
import { onConnection } from "./connection-turn.ts";
import { packetLimit } from "./packet-limit.ts";
import { runOn } from "./run.ts";
import { type Durability, fileOf, setBusyTimeout, setUpSqlite } from "./sqlite-setup.ts";

/** What was found out about a store when it was opened. */
export interface OpenedStore {
  /** Where SQLite keeps it. */
  readonly file: string | undefined;
  /** True when the data lives in this process's memory. */
  readonly volatile: boolean;
  /** How many bytes a statement may take, where the server says so. */
  readonly maxPacket: number;
}

/**
 * Sets SQLite up and checks that the tables are there and of a version that this code knows.
 * @throws {JobqError} STORE_VERSION, STORE_FAILED
 */
export function openStore(kysely: Kysely<unknown>, layout: Layout, durability: Durability): Promise<OpenedStore> {
  const onOne = <T>(work: (connection: Kysely<unknown>) => Promise<T>): Promise<T> =>
    layout.dialect.name === "sqlite" ? onConnection(kysely, work) : kysely.connection().execute(work);
  return onOne(async (connection) => {
    const run = runOn(connection);
    const sqlite = layout.dialect.name === "sqlite";
    const file = sqlite ? await fileOf(run, layout.schema ?? "main") : undefined;
    if (sqlite) await setBusyTimeout(run);
    if (sqlite) await setUpSqlite(run, durability);
    await checkVersion(run, layout);
    const maxPacket = layout.dialect.name === "mysql" ? await packetLimit(run) : Infinity;
    return { file, volatile: sqlite && file === undefined, maxPacket };
  });
}
