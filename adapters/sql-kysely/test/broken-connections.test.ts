import { TEST_NOW as NOW, testId, testJob } from "@jobq/conformance";
import { Kysely, PostgresDialect, type PostgresPool, sql } from "kysely";
import pg from "pg";
import { beforeEach, expect, it } from "vitest";
import { guardedPool, preparedPool, sqlJobs } from "../src/index.ts";
import { postgres } from "./databases.ts";
import { describeOn } from "./suites.ts";

type Wrap = (pool: pg.Pool, report?: (error: Error) => void) => PostgresPool;

/** Ways to give Kysely a pool, as the documents show them. */
const WAYS: Readonly<Record<string, Wrap>> = {
  guardedPool,
  preparedPool,
  "preparedPool over guardedPool": (pool, report) => preparedPool(guardedPool(pool, report)),
};

await describeOn(postgres, (database) => {
  const admin = database.connect();
  beforeEach(() => database.clear());

  /** Ends the connections of the pool as a restart of the server does, and resolves once they are gone. */
  const cut = (name: string) =>
    sql`select pg_terminate_backend(pid, 5000) from pg_stat_activity where application_name = ${name}`.execute(admin);

  for (const [name, wrap] of Object.entries(WAYS)) {
    it(`a connection of ${name} that is ended while idle or in use ends no process, and is told of`, async () => {
      const told: string[] = [];
      const application_name = `jobq broken ${name}`;
      const pool = new pg.Pool({ connectionString: database.url, application_name });
      const broken = new Promise<void>((resolve) => {
        pool.on("remove", () => resolve());
      });
      const kysely = new Kysely<unknown>({
        dialect: new PostgresDialect({ pool: wrap(pool, ({ message }) => told.push(message)) }),
      });
      const jobs = sqlJobs(kysely, database.options);
      await jobs.commit([{ now: NOW, insert: [testJob(1)] }]);
      await cut(application_name);
      await broken;
      expect(told).toHaveLength(1);
      const ended = kysely.transaction().execute(async (trx) => {
        await jobs.within(trx).commit([{ now: NOW, insert: [testJob(2)] }]);
        await cut(application_name);
        await jobs.within(trx).commit([{ now: NOW, insert: [testJob(3)] }]);
      });
      await expect(ended).rejects.toBeInstanceOf(Error);
      await jobs.commit([{ now: NOW, insert: [testJob(4)] }]);
      expect((await jobs.find({ limit: 9 })).map(({ id }) => id)).toEqual([1, 4].map(testId));
      expect(told.length).toBeGreaterThan(1);
      await kysely.destroy();
    });
  }
});
