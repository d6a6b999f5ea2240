import type { SqliteDatabase, SqliteStatement } from "kysely";
import { nameOf } from "../statement/statement-name.ts";
import { checkDriver } from "./check-driver.ts";

/** A database of better-sqlite3 or libsql, or a `DatabaseSync` of `node:sqlite` from Node 22.16 on. */
export interface SqliteFile {
  prepare(text: string): object;
  close(): void;
}

/** A statement of `node:sqlite`. */
interface NodeStatement {
  columns(): readonly unknown[];
  all(...values: readonly unknown[]): unknown[];
  run(...values: readonly unknown[]): ReturnType<SqliteStatement["run"]>;
  iterate(...values: readonly unknown[]): IterableIterator<unknown>;
}

/**
 * Returns the same SQLite database for Kysely's `SqliteDialect`, in which the statements of jobq are prepared once. That
 * halves the time a single job takes, since SQLite takes longer to compile a statement than to run it for one job. All
 * other statements are prepared each time, as they are without it.
 * @throws {TypeError} no database, such as the name of its file
 */
export function preparedDatabase(database: SqliteFile): SqliteDatabase {
  checkDriver(database, "prepare", "database", "one that better-sqlite3, libsql or node:sqlite has opened");
  const prepared = new Map<string, SqliteStatement>();
  return {
    close: () => database.close(),
    prepare(text) {
      const known = prepared.get(text);
      if (known) return known;
      const statement = statementOf(database.prepare(text) as SqliteStatement | NodeStatement);
      if (nameOf(text) === undefined) return statement;
      const kept = watched(statement, () => prepared.delete(text));
      prepared.set(text, kept);
      return kept;
    },
  };
}

/** A statement as Kysely takes it: that of `node:sqlite` does not say what it is, and takes its values one by one. */
function statementOf(statement: SqliteStatement | NodeStatement): SqliteStatement {
  if ("reader" in statement) return statement;
  return {
    reader: statement.columns().length > 0,
    all: (values) => statement.all(...values),
    run: (values) => statement.run(...values),
    iterate: (values) => statement.iterate(...values),
  };
}

/** The statement, of which `failed` is told when it fails: libsql leaves such a one open. */
function watched(statement: SqliteStatement, failed: () => void): SqliteStatement {
  const watch = <T>(use: () => T): T => {
    try {
      return use();
    } catch (error) {
      failed();
      throw error;
    }
  };
  return {
    reader: statement.reader,
    all: (values) => watch(() => statement.all(values)),
    run: (values) => watch(() => statement.run(values)),
    iterate: (values) => statement.iterate(values),
  };
}
