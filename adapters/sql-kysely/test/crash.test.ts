import { type CrashHarness, crashSuite, WriteFaults } from "@jobq/conformance";
import type { QueueStore } from "@jobq/core";
import { type Dialect, Kysely, SqliteDialect } from "kysely";
import Database from "libsql";
import { migrate, type SqlLayoutOptions, sqlJobs, sqlTopics } from "../src/index.ts";
import { dialectFor } from "./connect.ts";
import { postgres, type TestDatabase } from "./databases.ts";
import { faultyDialect } from "./faulty-dialect.ts";
import { describeOn, runner } from "./suites.ts";

/** Tables that are used again for each death, with a mortal process and the one after it. */
interface Site {
  readonly options: SqlLayoutOptions;
  readonly dialect: Dialect;
  readonly next: Kysely<unknown>;
  clear(): Promise<void>;
}

const fused = (kysely: Kysely<unknown>, options: SqlLayoutOptions): QueueStore =>
  sqlTopics(kysely, options).fuse?.(sqlJobs(kysely, options)) as QueueStore;

function harnessOver(name: string, site: Promise<Site>): CrashHarness {
  return {
    name,
    async open() {
      const { options, dialect, next, clear } = await site;
      await clear();
      const faults = new WriteFaults();
      const kysely = new Kysely<unknown>({ dialect: faultyDialect(dialect, faults) });
      return {
        store: fused(kysely, options),
        dieAt: faults.dieAt,
        reopen: async () => fused(next, options),
      };
    },
  };
}

/** SQLite in memory, since to lose a process is to lose what was not committed, wherever the rest is. */
async function sqliteSite(): Promise<Site> {
  const database = new Database(":memory:");
  const dialect = new SqliteDialect({ database });
  const next = new Kysely<unknown>({ dialect });
  await migrate(next);
  const tables = ["jobs", "notes", "tags", "counts", "topics", "entries"];
  return {
    ...{ options: {}, dialect, next },
    clear: async () => void database.exec(tables.map((table) => `delete from jobq_${table};`).join("")),
  };
}

async function siteOf({ url = "", options, connect, clear }: TestDatabase): Promise<Site> {
  return { options, dialect: dialectFor("postgres", url), next: connect(), clear };
}

crashSuite(runner, harnessOver("sqlJobs with sqlTopics on SQLite", sqliteSite()));

await describeOn(postgres, (database) => {
  crashSuite(runner, harnessOver("sqlJobs with sqlTopics on PostgreSQL", siteOf(database)));
});
