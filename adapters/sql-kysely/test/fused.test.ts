import { TEST_NOW as NOW, testId, testJob, testJobs } from "@jobq/conformance";
import { type Change, copyHead, type QueueStore, type UnitOutcome } from "@jobq/core";
import { createService } from "@jobq/service";
import { sql } from "kysely";
import { expect, it } from "vitest";
import { sqlJobs, sqlTopics } from "../src/index.ts";
import type { TestDatabase } from "./databases.ts";
import { mysql, postgres, sqlite } from "./databases.ts";
import { describeOn } from "./suites.ts";

function fused({ options }: TestDatabase, kysely = undefined as never): QueueStore {
  const store = sqlTopics(kysely, options).fuse?.(sqlJobs(kysely, options));
  if (!store) throw new Error("the repositories do not fuse");
  return store;
}

type Ask = (job: { id: string; token: number }) => Change;

/** What a holder may ask for, ending with what ends the reservation. */
const SETTLEMENTS: readonly Ask[] = [
  ({ id, token }) => ({ type: "retry", id, token, at: NOW + 9, error: "failed" }),
  ({ id, token }) => ({ type: "retry", id, token }),
  ({ id, token }) => ({ type: "release", id, token }),
  ({ id, token }) => ({ type: "cancel", id, token, reason: "rejected", error: "never" }),
  ({ id, token }) => ({ type: "done", id, token, result: '"r"' }),
];
const EXTENSIONS: readonly Ask[] = [
  ({ id, token }) => ({ type: "extend", id, token, until: NOW + 90_000 }),
  ({ id, token }) => ({ type: "extend", id, token, progress: { value: 0.25, message: "a quarter" } }),
];

for (const kind of [sqlite, postgres, mysql]) {
  await describeOn(kind, (database) => {
    const kysely = database.connect() as never;
    const other = database.connect() as never;

    it("answers what a holder changes as it is stored, also when another handle has extended it meanwhile", async () => {
      await database.clear();
      const [store, elsewhere] = [fused(database, kysely), fused(database, other)];
      const specs = [{}, { tags: { a: "b" } }, { maxRetries: 0 }, { unique: "k", group: testId(900) }, { weight: 3 }];
      const count = SETTLEMENTS.length * specs.length;
      const jobs = testJobs(count).map((job, index) => ({ ...job, ...specs[index % specs.length] }));
      const keyed = jobs.map((job) => (job.unique ? { ...job, unique: `${job.unique}${job.id}` } : job));
      await store.commit([{ now: NOW, insert: keyed }]);
      const [reserved = []] = await store.reserve([{ topic: "topic", limit: 100, by: "me" }], NOW);
      expect(reserved.length).toBe(count);
      const agree = async (outcomes: readonly UnitOutcome[]): Promise<void> => {
        const heads = outcomes.map((outcome) => outcome.ok && copyHead(outcome.changed[0] as never));
        const stored = await store.jobs.get(reserved.map(({ id }) => id));
        expect(heads).toEqual(stored.map((job) => job && copyHead(job)));
      };
      for (const [index, extension] of EXTENSIONS.entries()) {
        const units = reserved.map((job) => ({ now: NOW + 1, apply: [extension(job)] }));
        await agree(await [store, elsewhere][index % 2]!.commit(units));
      }
      const settle = reserved.map((job, index) => {
        const ask = SETTLEMENTS[Math.floor(index / specs.length)] as Ask;
        return { now: NOW + 2, apply: [ask(job)] };
      });
      await agree(await store.commit(settle));
      const again = await store.commit(settle);
      expect(again.map((outcome) => !outcome.ok && outcome.code)).toEqual(settle.map(() => "LEASE_LOST"));
    });

    it("refuses a holder whose job was removed and came back under the same id", async () => {
      await database.clear();
      const [store, elsewhere] = [fused(database, kysely), fused(database, other)];
      await store.commit([{ now: NOW, insert: [testJob(1)] }]);
      const [[held] = []] = await store.reserve([{ topic: "topic", limit: 1, by: "me" }], NOW);
      await elsewhere.commit([
        { now: NOW, remove: [testId(1)] },
        { now: NOW, insert: [testJob(1, { maxRetries: 0, payload: "2" })] },
      ]);
      await elsewhere.reserve([{ topic: "topic", limit: 1, by: "other" }], NOW + 5);
      const [outcome] = await store.commit([
        { now: NOW + 6, apply: [{ type: "retry", id: testId(1), token: held?.token ?? 0 }] },
      ]);
      const [stored] = await store.jobs.get([testId(1)]);
      expect(stored?.maxRetries).toBe(0);
      expect(outcome?.ok && outcome.changed[0]).toEqual(stored && copyHead(stored));
    });

    it("takes several claims of one topic, for different holders, one after the other", async () => {
      await database.clear();
      const store = fused(database, kysely);
      await store.commit([{ now: NOW, insert: [...testJobs(5), testJob(6, { topic: "other" })] }]);
      const claims = [
        { topic: "topic", limit: 2, by: "a" },
        { topic: "other", limit: 9, by: "b", leaseMs: 5 },
        { topic: "topic", limit: 9, by: "c", leaseMs: 7 },
      ];
      const answers = await store.reserve(claims, NOW);
      expect(answers.map((jobs) => jobs.map(({ id, reservedBy }) => [id, reservedBy]))).toEqual([
        [1, 2].map((number) => [testId(number), "a"]),
        [[testId(6), "b"]],
        [3, 4, 5].map((number) => [testId(number), "c"]),
      ]);
    });

    it("is one store, however often the same topics are fused with the same jobs", () => {
      const [topics, jobs] = [sqlTopics(kysely, database.options), sqlJobs(kysely, database.options)];
      const store = topics.fuse?.(jobs);
      expect(store).toBeDefined();
      expect(topics.fuse?.(jobs)).toBe(store);
    });

    it("does not fuse with jobs over another instance, and refuses those of another prefix or schema over its own", () => {
      const { options } = database;
      expect(sqlTopics(kysely, options).fuse?.(sqlJobs(other, options))).toBeUndefined();
      const jobs = sqlJobs(kysely, options);
      expect(() => sqlTopics(kysely, { ...options, prefix: "x_" }).fuse?.(jobs)).toThrow(/x_\*/);
      expect(() => createService({ jobs, topics: sqlTopics(kysely, { ...options, schema: "x" }) })).toThrow(TypeError);
    });

    it("folds the rows of its counts into few, and counts the same", async () => {
      await database.clear();
      const jobs = sqlJobs(kysely, database.options);
      for (const job of testJobs(30)) await jobs.commit([{ now: NOW, insert: [job] }]);
      const many = testJobs(5_000, 100).map((job, index) => ({ ...job, topic: `topic ${index}` }));
      await jobs.commit([{ now: NOW, insert: many }]);
      await jobs.commit(
        testJobs(10).map(({ id }) => ({ now: NOW, apply: [{ type: "cancel", id, reason: "canceled" }] })),
      );
      const ofTopic = async () => (await jobs.tally()).filter(({ topic }) => topic === "topic").sort(byState);
      const byState = (a: { state: string }, b: { state: string }) => (a.state < b.state ? -1 : 1);
      expect(await jobs.internals.counts.fold()).toBe(31);
      expect(await jobs.internals.counts.fold()).toBe(0);
      expect(await ofTopic()).toEqual([
        { topic: "topic", state: "canceled", count: 10 },
        { topic: "topic", state: "ready", count: 20 },
      ]);
      expect((await jobs.tally()).length).toBe(5_002);
    });

    it("folds the rows of other topics after those of more than one fold takes that cannot become fewer", async () => {
      await database.clear();
      const jobs = sqlJobs(kysely, database.options);
      const used = testJobs(2_400, 1).map((job, index) => ({ ...job, topic: `used ${index % 1_200}` }));
      await jobs.commit([{ now: NOW, insert: used }]);
      const half = used.slice(0, 1_200);
      await jobs.commit(half.map(({ id }) => ({ now: NOW, apply: [{ type: "cancel", id, reason: "canceled" }] })));
      for (const job of testJobs(2, 9_000)) await jobs.commit([{ now: NOW, insert: [{ ...job, topic: "folded" }] }]);
      while ((await jobs.internals.counts.fold()) > 0);
      const { rows } = await sql<{ source: string; n: number }>`
        select source, n from ${sql.raw(jobs.internals.session.layout.tables.counts)} where topic = 'folded'`.execute(
        kysely,
      );
      expect(rows.map(({ source, n }) => [source, Number(n)])).toEqual([["", 2]]);
      expect((await jobs.tally()).length).toBe(2_401);
    });

    it("keeps no counts of topics whose jobs are gone, and the right ones of those that are used meanwhile", async () => {
      await database.clear();
      const jobs = sqlJobs(kysely, database.options);
      const gone = testJobs(1_500).map((job, index) => ({ ...job, topic: `gone ${index}` }));
      await jobs.commit([{ now: NOW, insert: gone }]);
      for (const step of [
        gone.map(({ id }) => ({ now: NOW, apply: [{ type: "cancel", id, reason: "canceled" } as const] })),
        [{ now: NOW, purge: gone.map(({ id }) => id) }],
      ]) {
        await jobs.commit(step);
      }
      const others = testJobs(20, 2_000).map((job) => ({ ...job, topic: "gone 1" }));
      const folds = async (): Promise<void> => {
        while ((await jobs.internals.counts.fold()) > 0);
      };
      await Promise.all([folds(), folds(), ...others.map((job) => jobs.commit([{ now: NOW, insert: [job] }]))]);
      await folds();
      const { rows } = await sql<{ topic: string; target: string; n: number }>`
        select topic, target, n from ${sql.raw(jobs.internals.session.layout.tables.counts)}`.execute(kysely);
      expect(rows.map(({ topic, target, n }) => [topic, target, Number(n)])).toEqual([["gone 1", "ready", 20]]);
    });
  });
}
