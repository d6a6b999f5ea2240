import { type Dialect, Kysely, MysqlDialect, PostgresDialect, SqliteDialect } from "kysely";
import Database from "libsql";
import { createPool } from "mysql2";
import pg from "pg";
import type { DialectName } from "../src/index.ts";

/** An instance over a database that is there. */
export function connectTo(dialect: DialectName, url: string): Kysely<unknown> {
  return new Kysely({ dialect: dialectFor(dialect, url) });
}

/** Kysely's dialect for a database that is there. */
export function dialectFor(dialect: DialectName, url: string, connections = 8): Dialect {
  if (dialect === "sqlite") return new SqliteDialect({ database: new Database(url) });
  if (dialect === "mysql") return new MysqlDialect({ pool: createPool({ uri: url, connectionLimit: connections }) });
  const pool = new pg.Pool({ connectionString: url, max: connections });
  // A server that goes away says so to every connection, idle or not.
  pool.on("error", () => {});
  pool.on("connect", (client) => client.on("error", () => {}));
  return new PostgresDialect({ pool });
}
