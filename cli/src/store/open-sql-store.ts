import { resolve } from "node:path";
import { migrate, preparedPool, sqlJobs, sqlTopics } from "@jobq/sql-kysely";
import {
  type Dialect,
  Kysely,
  MysqlDialect,
  type MysqlPool,
  PostgresDialect,
  type PostgresPool,
  SqliteDialect,
} from "kysely";
import { loadDriver } from "./load-driver.ts";
import { mustBeThere } from "./must-be-there.ts";
import { openSqlite } from "./open-sqlite.ts";
import type { OpenedStore, OpenOptions } from "./opened-store.ts";
import type { SqlAddress } from "./store-address.ts";

/** Connections to a database server: as many as keep a busy queue going, few enough for a small server. */
const CONNECTIONS = 10;

/** @throws {JobqError} STORE_FAILED: no such file, or the driver is not installed */
export async function openSqlStore(address: SqlAddress, options: OpenOptions): Promise<OpenedStore> {
  const { kind: dialect, source, schema, prefix } = address;
  const layout = { ...(schema === undefined ? {} : { schema }), ...(prefix === undefined ? {} : { prefix }) };
  const kysely = new Kysely<unknown>({ dialect: await dialectOf(address, options) });
  const given = { ...layout, dialect };
  const listen = dialect === "postgres" && options.listen ? { listen: { connectionString: source } } : {};
  const sql = { kysely, dialect, layout, migrate: () => migrate(kysely, given) };
  return {
    jobs: sqlJobs(kysely, { ...given, ...listen }),
    topics: sqlTopics(kysely, { ...given, ...listen }),
    sql,
    close: () => kysely.destroy(),
  };
}

async function dialectOf({ kind, source }: SqlAddress, { cwd, create }: OpenOptions): Promise<Dialect> {
  if (kind === "sqlite") {
    const file = resolve(cwd, source);
    if (!create) await mustBeThere(file, file);
    return new SqliteDialect({ database: await openSqlite(file, cwd) });
  }
  if (kind === "postgres") {
    const { Pool } = (await loadDriver("pg", cwd)) as { Pool: new (options: object) => never };
    const pool = preparedPool(new Pool({ connectionString: source, max: CONNECTIONS, application_name: "jobq" }));
    return new PostgresDialect({ pool: pool as PostgresPool });
  }
  const { createPool } = (await loadDriver("mysql2", cwd)) as { createPool: (options: object) => MysqlPool };
  return new MysqlDialect({ pool: createPool({ uri: source, connectionLimit: CONNECTIONS }) });
}
