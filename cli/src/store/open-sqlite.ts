import { JobqError } from "@jobq/core";
import { preparedDatabase, type SqliteFile } from "@jobq/sql-kysely";
import type { SqliteDatabase } from "kysely";
import { findDriver } from "./load-driver.ts";

type OpenFile = new (file: string) => SqliteFile;

/**
 * Opens a file with better-sqlite3 or libsql, whichever is installed, else with Node's own SQLite.
 * @throws {JobqError} STORE_FAILED: there is none of them
 */
export async function openSqlite(file: string, cwd: string): Promise<SqliteDatabase> {
  for (const name of ["better-sqlite3", "libsql"]) {
    const driver = (await findDriver(name, cwd)) as OpenFile | undefined;
    if (driver) return preparedDatabase(new driver(file));
  }
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  // From then on a statement tells whether it returns rows.
  if (major > 22 || (major === 22 && minor >= 16)) return preparedDatabase(await openByNode(file));
  const message = "SQLite takes a driver: npm install better-sqlite3 (or Node 22.16, which has one)";
  throw new JobqError("STORE_FAILED", message);
}

async function openByNode(file: string): Promise<SqliteFile> {
  const name = "node:sqlite"; // not known to every Node that this runs on
  const { DatabaseSync } = (await import(name)) as { DatabaseSync: OpenFile };
  return new DatabaseSync(file);
}
