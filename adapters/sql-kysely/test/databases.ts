import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { type Dialect, Kysely, PostgresDialect, type PostgresPoolClient, SqliteDialect, sql } from "kysely";
import { PostgresJSDialect } from "kysely-postgres-js";
import postgresjs from "postgres";
import { type DialectName, migrate, preparedDatabase, type SqliteFile, type SqlLayoutOptions } from "../src/index.ts";
import { dialectFor } from "./connect.ts";
import { startPostgres } from "./postgres-server.ts";

/** A database with the tables of jobq, for one test file. */
export interface TestDatabase {
  readonly dialect: DialectName;
  readonly options: SqlLayoutOptions;
  /** Where another process finds it. */
  readonly url?: string | undefined;
  /** Set where it runs in this process and reads its wall clock. */
  readonly inProcessClock?: boolean | undefined;
  /** Set where an open transaction keeps the only connection. */
  readonly oneConnection?: boolean | undefined;
  /** Set where another kind runs the same statements by another driver: what becomes of them when they fail is seen there. */
  readonly sameStatements?: boolean | undefined;
  /** Another instance, as another process would have it, over what `wrap` makes of its dialect; destroyed by `stop`. */
  connect(wrap?: (dialect: Dialect) => Dialect): Kysely<unknown>;
  /** Empties the tables. */
  clear(): Promise<void>;
  stop(): Promise<void>;
}

/** A kind of database, which may not be there. */
export interface DatabaseKind {
  readonly name: string;
  /** Resolves to why it cannot be used here. */
  start(): Promise<TestDatabase>;
}

const TABLES = ["jobs", "notes", "tags", "counts", "topics", "entries"];

function tableOf({ schema }: SqlLayoutOptions, name: string) {
  return sql.table(schema ? `${schema}.jobq_${name}` : `jobq_${name}`);
}

/** Puts a text into a column of a job's row, or of its notes. */
export async function spoil(
  { options, connect }: TestDatabase,
  id: string,
  [table, column]: readonly ["jobs" | "notes", string],
  text: string,
): Promise<void> {
  const key = sql.ref(table === "jobs" ? "id" : "job_id");
  await sql`update ${tableOf(options, table)} set ${sql.ref(column)} = ${text} where ${key} = ${id}`.execute(connect());
}

async function testDatabase(
  dialect: DialectName,
  options: SqlLayoutOptions,
  open: () => Dialect,
  stop: () => Promise<void> | void,
  url?: string,
): Promise<TestDatabase> {
  const opened: Kysely<unknown>[] = [];
  const connect: TestDatabase["connect"] = (wrap = (dialect) => dialect) => {
    const kysely = new Kysely<unknown>({ dialect: wrap(open()) });
    opened.push(kysely);
    return kysely;
  };
  const own = connect();
  await migrate(own, options);
  return {
    dialect,
    options,
    url,
    connect,
    async clear() {
      for (const name of TABLES) await sql`delete from ${tableOf(options, name)}`.execute(own);
    },
    async stop() {
      await Promise.all(opened.map((kysely) => kysely.destroy()));
      await stop();
    },
  };
}

let schemas = 0;
const freshName = (): string => `jobq_test_${process.pid}_${++schemas}`;

/** SQLite in a file; `load` resolves to what opens it. */
function sqliteBy(name: string, load: () => Promise<(file: string) => Dialect>): DatabaseKind {
  return {
    name,
    async start() {
      const dialectOf = await load();
      const folder = mkdtempSync(join(tmpdir(), "jobq-sqlite-"));
      const file = join(folder, "test.db");
      const stop = (): void => rmSync(folder, { recursive: true, force: true });
      return testDatabase("sqlite", {}, () => dialectOf(file), stop, file);
    },
  };
}

/** By libsql. */
export const sqlite = sqliteBy("SQLite", async () => (file) => dialectFor("sqlite", file));

/** The same as another kind, but for the driver. */
function byAnotherDriver({ name, start }: DatabaseKind): DatabaseKind {
  return { name, start: async () => ({ ...(await start()), sameStatements: true }) };
}

/** By better-sqlite3, which compiles for a minute and so is only installed with the peers of the bench. */
export const betterSqlite = byAnotherDriver(
  sqliteBy("SQLite by better-sqlite3", async () => {
    const { default: Database } = (await import(
      createRequire(new URL("../../../bench/package.json", import.meta.url)).resolve("better-sqlite3")
    )) as { default: new (file: string) => SqliteFile };
    return (file) => new SqliteDialect({ database: preparedDatabase(new Database(file)) });
  }),
);

interface NodeSqlite {
  DatabaseSync: new (file: string) => SqliteFile;
}

/** By Node itself, from 22.16 on. */
export const nodeSqlite = byAnotherDriver(
  sqliteBy("SQLite by Node", async () => {
    const { DatabaseSync } = (await import("node:" + "sqlite")) as NodeSqlite;
    return (file) => new SqliteDialect({ database: preparedDatabase(new DatabaseSync(file)) });
  }),
);

/** PostgreSQL: the one at JOBQ_TEST_POSTGRES_URL, or one of our own; each database is a schema of its own. */
function postgresBy(name: string, dialectOf: (url: string) => Dialect): DatabaseKind {
  return {
    name,
    async start() {
      const given = process.env.JOBQ_TEST_POSTGRES_URL;
      const server = given ? { url: given, stop: async () => {} } : await startPostgres();
      const schema = freshName();
      const open = (): Dialect => dialectOf(server.url);
      return testDatabase(
        "postgres",
        { schema },
        open,
        async () => {
          const kysely = new Kysely<unknown>({ dialect: open() });
          await sql`drop schema if exists ${sql.id(schema)} cascade`.execute(kysely);
          await kysely.destroy();
          await server.stop();
        },
        server.url,
      );
    },
  };
}

/** By pg, as most have it. */
export const postgres = postgresBy("PostgreSQL", (url) => dialectFor("postgres", url));

/** By postgres.js. */
export const postgresJs = byAnotherDriver(
  postgresBy("PostgreSQL by postgres.js", (url) => {
    return new PostgresJSDialect({ postgres: postgresjs(url, { max: 8, onnotice: () => {} }) });
  }),
);

/** PostgreSQL in this very process. */
export const pglite: DatabaseKind = {
  name: "PGlite",
  async start() {
    const database = new PGlite();
    let free: Promise<void> = Promise.resolve();
    const connect = async (): Promise<PostgresPoolClient> => {
      const before = free;
      let release = (): void => {};
      free = new Promise((resolve) => {
        release = resolve;
      });
      await before;
      const query = async (text: string, values: unknown[]) => {
        const { rows, affectedRows } = await database.query(text, values);
        return { command: "SELECT", rowCount: affectedRows ?? 0, rows };
      };
      return { query: query as PostgresPoolClient["query"], release: () => release() };
    };
    const open = (): Dialect => new PostgresDialect({ pool: { connect, end: async () => {} } });
    return {
      ...(await testDatabase("postgres", {}, open, () => database.close())),
      inProcessClock: true,
      oneConnection: true,
      sameStatements: true,
    };
  },
};

/** MySQL or MariaDB: the one at JOBQ_TEST_MYSQL_URL, or a local one. */
export const mysql: DatabaseKind = {
  name: "MariaDB",
  async start() {
    const url = process.env.JOBQ_TEST_MYSQL_URL ?? "mysql://root@127.0.0.1:3306/";
    const schema = freshName();
    const open = (database?: string): Dialect => {
      const address = new URL(url);
      if (database) address.pathname = `/${database}`;
      return dialectFor("mysql", address.href);
    };
    const root = new Kysely<unknown>({ dialect: open() });
    await sql`create database ${sql.id(schema)} character set utf8mb4`.execute(root);
    return testDatabase(
      "mysql",
      {},
      () => open(schema),
      async () => {
        await sql`drop database ${sql.id(schema)}`.execute(root);
        await root.destroy();
      },
      Object.assign(new URL(url), { pathname: `/${schema}` }).href,
    );
  },
};
