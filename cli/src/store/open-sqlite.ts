import { JobqError } from "@jobq/core";
import type { SqliteDatabase } from "kysely";
import { findDriver } from "./load-driver.ts";

type OpenFile = new (file: string) => SqliteDatabase;

/** As much of `node:sqlite` as this takes. */
interface NodeSqlite {
  readonly DatabaseSync: new (
    file: string,
  ) => {
    prepare(text: string): {
      columns(): readonly unknown[];
      all(...values: readonly unknown[]): unknown[];
      run(...values: readonly unknown[]): { changes: number | bigint; lastInsertRowid: number | bigint };
      iterate(...values: readonly unknown[]): IterableIterator<unknown>;
    };
    close(): void;
  };
}

/**
 * Opens a file with better-sqlite3 or libsql, whichever is installed, else with Node's own SQLite.
 * @throws {JobqError} STORE_FAILED: there is none of them
 */
export async function openSqlite(file: string, cwd: string): Promise<SqliteDatabase> {
  for (const name of ["better-sqlite3", "libsql"]) {
    const driver = (await findDriver(name, cwd)) as OpenFile | undefined;
    if (driver) return new driver(file);
  }
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  // From then on a statement tells whether it returns rows.
  if (major > 22 || (major === 22 && minor >= 16)) return openByNode(file);
  const message = "SQLite takes a driver: npm install better-sqlite3 (or Node 22.16, which has one)";
  throw new JobqError("STORE_FAILED", message);
}

async function openByNode(file: string): Promise<SqliteDatabase> {
  const name = "node:sqlite"; // not known to every Node that this runs on
  const { DatabaseSync } = (await import(name)) as NodeSqlite;
  const database = new DatabaseSync(file);
  return {
    prepare(text) {
      const statement = database.prepare(text);
      return {
        reader: statement.columns().length > 0,
        all: (values) => statement.all(...values),
        run: (values) => statement.run(...values),
        iterate: (values) => statement.iterate(...values),
      };
    },
    close: () => database.close(),
  };
}
