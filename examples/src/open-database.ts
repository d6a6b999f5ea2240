import { migrate, preparedPool } from "@jobq/sql-kysely";
import { type Dialect, Kysely, PostgresDialect, SqliteDialect, sql } from "kysely";

const SCHEMA = "jobq_example";

/**
 * A database with the tables of jobq: a SQLite file, or a schema of its own in the PostgreSQL at DATABASE_URL. Any other
 * dialect of Kysely for SQLite, PostgreSQL or MySQL would do as well.
 */
export async function openDatabase<Tables>(file: string): Promise<Kysely<Tables>> {
  const url = process.env.DATABASE_URL;
  const kysely = new Kysely<Tables>({ dialect: url ? await postgres(url) : await sqlite(file) });
  if (url) await sql`create schema if not exists ${sql.id(SCHEMA)}`.execute(kysely);
  await migrate(kysely);
  return kysely;
}

/** Leaves nothing behind in a database that was there before. */
export async function dropDatabase<Tables>(kysely: Kysely<Tables>): Promise<void> {
  if (process.env.DATABASE_URL) await sql`drop schema ${sql.id(SCHEMA)} cascade`.execute(kysely);
  await kysely.destroy();
}

async function postgres(connectionString: string): Promise<Dialect> {
  const { default: pg } = await import("pg");
  const pool = new pg.Pool({ connectionString, options: `-c search_path=${SCHEMA}` });
  return new PostgresDialect({ pool: preparedPool(pool, console.error) }); // told of each connection that breaks
}

async function sqlite(file: string): Promise<Dialect> {
  const { default: Database } = await import("libsql");
  return new SqliteDialect({ database: new Database(file) });
}
