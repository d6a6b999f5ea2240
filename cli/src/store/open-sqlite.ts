import { access, constants, open } from "node:fs/promises";
import { dirname } from "node:path";
import { JobqError } from "@jobq/core";
import { preparedDatabase, type SqliteFile } from "@jobq/sql-kysely";
import type { SqliteDatabase } from "kysely";
import { findDriver } from "./load-driver.ts";

type OpenFile = new (file: string) => SqliteFile;

/**
 * Opens a file with better-sqlite3 or libsql, whichever is installed, else with Node's own SQLite.
 * @throws {JobqError} STORE_FAILED: there is none of them, or the file cannot be opened
 */
export async function openSqlite(file: string, cwd: string): Promise<SqliteDatabase> {
  const OpenFile = await driverIn(cwd);
  try {
    return preparedDatabase(new OpenFile(file));
  } catch (error) {
    const cause = (await whyNot(file)) ?? (error as Error);
    const details = { store: file };
    throw new JobqError("STORE_FAILED", `the database ${file} cannot be opened: ${cause.message}`, { cause, details });
  }
}

async function driverIn(cwd: string): Promise<OpenFile> {
  for (const name of ["better-sqlite3", "libsql"]) {
    const driver = (await findDriver(name, cwd)) as OpenFile | undefined;
    if (driver) return driver;
  }
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  // From then on a statement tells whether it returns rows.
  if (major > 22 || (major === 22 && minor >= 16)) return ofNode();
  const message = "SQLite takes a driver: npm install better-sqlite3 (or Node 22.16, which has one)";
  throw new JobqError("STORE_FAILED", message);
}

/** What the system says about the file; the drivers say only that they cannot open it. */
async function whyNot(file: string): Promise<Error | undefined> {
  try {
    await (await open(file, "r+")).close();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") return error as Error;
  }
  return access(dirname(file), constants.W_OK).then(
    () => undefined,
    (error: Error) => error,
  );
}

async function ofNode(): Promise<OpenFile> {
  const name = "node:sqlite"; // not known to every Node that this runs on
  const { DatabaseSync } = (await import(name)) as { DatabaseSync: OpenFile };
  return DatabaseSync;
}
