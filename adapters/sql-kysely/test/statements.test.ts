import { TEST_NOW as NOW, testJobs } from "@jobq/conformance";
import type { Change, Job, QueueStore, Unit } from "@jobq/core";
import { Kysely, type KyselyConfig, SqliteDialect, sql } from "kysely";
import Database from "libsql";
import { describe, expect, it } from "vitest";
import { migrate, preparedDatabase, preparedPool, sqlJobs, sqlTopics } from "../src/index.ts";
import { dialectFor } from "./connect.ts";
import { mysql, postgres, sqlite } from "./databases.ts";
import { describeOn } from "./suites.ts";

/**
 * The statements that 100 jobs cost when they come in a batch: inserted, reserved, extended, extended with a note, tried
 * again with a note, reserved, done; others with tags inserted.
 */
const BUDGETS = {
  sqlite: [4, 4, 3, 4, 5, 4, 4, 5],
  postgres: [1, 1, 1, 1, 1, 1, 1, 1],
  mysql: [5, 6, 5, 5, 7, 6, 6, 6],
} as const;

for (const kind of [sqlite, postgres, mysql]) {
  await describeOn(kind, (database) => {
    it("a batch costs so many statements, whatever its size", async () => {
      let statements = 0;
      const log: KyselyConfig["log"] = ({ level }) => {
        if (level === "query") statements += 1;
      };
      const kysely = new Kysely<unknown>({ dialect: dialectFor(database.dialect, database.url ?? ""), log });
      const store = sqlTopics(kysely, database.options).fuse?.(sqlJobs(kysely, database.options)) as QueueStore;
      await store.jobs.tally();
      const counts: Record<number, number[]> = {};
      for (const size of [10, 100]) {
        await database.clear();
        const cost = async <T>(work: () => Promise<T>): Promise<T> => {
          statements = 0;
          const answer = await work();
          counts[size] = [...(counts[size] ?? []), statements];
          return answer;
        };
        await cost(() => store.commit(testJobs(size).map((job): Unit => ({ now: NOW, insert: [job] }))));
        const reserve = () => store.reserve([{ topic: "topic", limit: size, by: "me" }], NOW);
        const settle = async (token: number, change: object, kind?: string): Promise<void> => {
          const jobs = await store.jobs.find({ limit: size });
          const units = jobs.map(({ id }): Unit => {
            const note = kind ? [{ id, kind, key: "key", value: "value", at: NOW }] : [];
            return { now: NOW, apply: [{ id, token, ...change } as Change], note };
          });
          const outcomes = await cost(() => store.commit(units));
          expect(outcomes.filter(({ ok }) => ok).length).toBe(size);
          if (kind)
            expect((await Promise.all(jobs.map(({ id }) => store.jobs.notes(id, kind)))).flat().length).toBe(size);
        };
        expect((await cost(reserve))[0]?.length).toBe(size);
        await settle(1, { type: "extend", until: NOW + 99_000 });
        await settle(1, { type: "extend" }, "checkpoint");
        await settle(1, { type: "retry", error: "why" }, "attempt");
        expect((await cost(reserve))[0]?.length).toBe(size);
        await settle(2, { type: "done" });
        const tagged = testJobs(size, 1_000).map((job) => ({ ...job, tags: { a: "1", b: "2" } }));
        await cost(() => store.commit(tagged.map((job): Unit => ({ now: NOW, insert: [job] }))));
        expect(await store.jobs.find({ tags: { a: "1", b: "2" }, limit: 999 })).toHaveLength(size);
      }
      expect(counts).toEqual({ 10: BUDGETS[database.dialect], 100: BUDGETS[database.dialect] });
      await kysely.destroy();
    });

    it("jobs that have nothing in common are stored as they are", async () => {
      await database.clear();
      const kysely = new Kysely<unknown>({ dialect: dialectFor(database.dialect, database.url ?? "") });
      const store = sqlJobs(kysely, database.options);
      const jobs = testJobs(200).map((job, index) => ({
        ...job,
        topic: `topic ${index}`,
        tags: { number: `${index}` },
        data: `{"trace":${index}}`,
        unique: `key ${index}`,
        expiresAt: NOW + 1_000 + index,
      }));
      expect((await store.commit([{ now: NOW, insert: jobs }]))[0]?.ok).toBe(true);
      expect(await store.get(jobs.map(({ id }) => id))).toEqual(jobs);
      expect((await store.tally()).length).toBe(200);
      await kysely.destroy();
    });
  });
}

await describeOn(postgres, (database) => {
  it("a prepared pool prepares our statements, and nobody else's", async () => {
    const { default: pg } = await import("pg");
    const { PostgresDialect } = await import("kysely");
    const pool = new pg.Pool({ connectionString: database.url, max: 1 });
    const kysely = new Kysely<unknown>({ dialect: new PostgresDialect({ pool: preparedPool(pool) }) });
    const jobs = sqlJobs(kysely, database.options);
    for (const job of testJobs(3)) await jobs.commit([{ now: NOW, insert: [job] }]);
    await jobs.find({ limit: 1 });
    const { rows } = await sql<{ name: string }>`select name, statement from pg_prepared_statements`.execute(kysely);
    expect(rows.map(({ name }) => name)).toEqual([expect.stringMatching(/^jobq_\w+$/)]);
    expect((await jobs.tally()).map(({ count }) => count)).toEqual([3]);
    await kysely.destroy();
  });
});

await describeOn(postgres, (database) => {
  it("a prepared statement is planned each time, lest a plan for a small table be kept while it grows; but not an insert", async () => {
    const { default: pg } = await import("pg");
    const { PostgresDialect } = await import("kysely");
    const pool = new pg.Pool({ connectionString: database.url, max: 1 });
    const kysely = new Kysely<unknown>({ dialect: new PostgresDialect({ pool: preparedPool(pool) }) });
    const store = sqlTopics(kysely, database.options).fuse?.(sqlJobs(kysely, database.options)) as QueueStore;
    for (const job of testJobs(10)) {
      await store.commit([{ now: NOW, insert: [job] }]);
      const [[held] = []] = await store.reserve([{ topic: "topic", limit: 1, by: "me" }], NOW);
      await store.commit([{ now: NOW, apply: [{ type: "done", id: held?.id ?? "", token: 1 }] }]);
    }
    const { rows } = await sql<{ inserts: boolean; plans: string[] }>`
      select statement like '%insert into%jobq_jobs"%' as inserts, array[generic_plans, custom_plans]::text[] as plans
      from pg_prepared_statements where name like 'jobq_%' order by inserts`.execute(kysely);
    expect(rows.map(({ inserts, plans }) => [inserts, plans.map(Number)])).toEqual([
      [false, [0, 10]],
      [false, [0, 10]],
      [true, [5, 5]], // PostgreSQL looks five times whether another plan would be better
    ]);
    await kysely.destroy();
  });
});

describe("SQLite", () => {
  it("a prepared database prepares our statements once, one that failed anew, and others each time", async () => {
    const prepared: string[] = [];
    const database = new Database(":memory:");
    const counting = {
      close: () => database.close(),
      prepare(text: string) {
        prepared.push(text);
        return database.prepare(text);
      },
    };
    const kysely = new Kysely<unknown>({ dialect: new SqliteDialect({ database: preparedDatabase(counting) }) });
    await migrate(kysely);
    const jobs = sqlJobs(kysely);
    const countOf = (part: string): number => prepared.filter((text) => text.includes(part)).length;
    for (const job of testJobs(3)) await jobs.commit([{ now: NOW, insert: [job] }]);
    expect(countOf('insert into "jobq_jobs"')).toBe(1);
    // One of a batch has the id of another, so that the statement for new jobs fails.
    const [again] = testJobs(1);
    expect((await jobs.commit([{ now: NOW, insert: [again as Job] }]))[0]).toMatchObject({ leftOut: [again?.id] });
    for (const job of testJobs(2, 10)) await jobs.commit([{ now: NOW, insert: [job] }]);
    expect(countOf('insert into "jobq_jobs"')).toBe(2);
    for (let times = 0; times < 3; times++) await sql`select 1 as mine`.execute(kysely);
    expect(countOf("as mine")).toBe(3);
    expect((await jobs.tally()).map(({ count }) => count)).toEqual([5]);
    await kysely.destroy();
  });

  it("in memory is neither durable nor shared", async () => {
    const kysely = new Kysely<unknown>({ dialect: new SqliteDialect({ database: new Database(":memory:") }) });
    await migrate(kysely);
    const jobs = sqlJobs(kysely);
    await jobs.commit([{ now: NOW, insert: testJobs(1) }]);
    expect(jobs.capabilities).toEqual({ durable: false, shared: false, rowLocks: false });
    await kysely.destroy();
  });
});

await describeOn(sqlite, (database) => {
  it.each([
    ["machine", 2],
    ["process", 1],
  ] as const)(
    "in a file outlives the %s: synchronous is %i, the journal a WAL, and a writer waits",
    async (durability, level) => {
      const kysely = database.connect();
      const jobs = sqlJobs(kysely, { durability });
      await jobs.tally();
      const pragma = async (name: string) =>
        Object.values((await sql.raw<object>(`pragma ${name}`).execute(kysely)).rows[0] ?? {})[0];
      expect([await pragma("synchronous"), await pragma("journal_mode")]).toEqual([level, "wal"]);
      expect(jobs.capabilities).toEqual({ durable: true, shared: true, rowLocks: false });
    },
  );
});
