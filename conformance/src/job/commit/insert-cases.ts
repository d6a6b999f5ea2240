import type { Job, JobRepository } from "@jobq/core";
import type { Fact } from "../../case.ts";
import { equal } from "../../check.ts";
import { change, commitAll, insert, put, stored } from "../../commit.ts";
import { TEST_NOW, testId, testJob, testJobs } from "../../test-job.ts";

/** A job with every field that can be given at insert. */
const full: Job = testJob(1, {
  topic: "emails",
  name: "send",
  weight: -7,
  createdAt: TEST_NOW - 5,
  maxRetries: 12,
  maxLeaseLosses: 9,
  timeoutMs: 90_000,
  data: '{"retry":{"type":"exponential","min":250,"max":3600000,"factor":2,"jitter":0.25}}',
  unique: "mail-1",
  tags: { env: "prod", tenant: "t1" },
  group: testId(900),
  state: "delayed",
  runAt: TEST_NOW + 60_000,
  blockers: [testId(901), testId(902)],
  payload: '{"to":"user@example.com"}',
});

/** What inserts do. */
export const insertCases: readonly Fact<JobRepository>[] = [
  {
    id: "J-10",
    title: "an inserted job is there with every field as given",
    async run({ store: jobs }) {
      const given = [full, testJob(2), testJob(3, { state: "delayed", runAt: TEST_NOW + 1 })];
      const outcome = await put(jobs, { insert: given });
      equal(
        outcome,
        { ok: true, inserted: given.map(({ id }) => id), leftOut: [], changed: [], removed: [] },
        "outcome",
      );
      equal(await jobs.get(given.map(({ id }) => id)), given, "jobs");
    },
  },
  {
    id: "J-11",
    title: "inserting an id that is there changes nothing and names the job itself",
    async run({ store: jobs }) {
      await insert(jobs, testJob(1));
      await change(jobs, { type: "reserve", id: testId(1), by: "holder" });
      const before = await jobs.get([testId(1)]);
      const again = await put(jobs, { insert: [testJob(1, { topic: "other", payload: "other", weight: 5 })] });
      equal(again.inserted, [testId(1)], "the second insert");
      equal(await jobs.get([testId(1)]), before, "the job");
      const twice = await put(jobs, { insert: [testJob(2, { payload: "first" }), testJob(2, { payload: "second" })] });
      equal(twice.inserted, [testId(2), testId(2)], "twice in a unit");
      equal((await jobs.get([testId(2)]))[0]?.payload, "first", "payload");
    },
  },
  {
    id: "J-12",
    title: "inserting the id of a job that has ended changes nothing",
    async run({ store: jobs }) {
      await insert(jobs, testJob(1));
      await change(jobs, { type: "cancel", id: testId(1), reason: "canceled" });
      const before = await jobs.get([testId(1)]);
      equal((await put(jobs, { insert: [testJob(1)] })).inserted, [testId(1)], "inserted");
      equal(await jobs.get([testId(1)]), before, "the job");
    },
  },
  {
    id: "J-13",
    title: "an id can be inserted anew after its removal",
    async run({ store: jobs }) {
      await insert(jobs, testJob(1, { payload: "old", tags: { old: "1" } }));
      await put(jobs, { remove: [testId(1)] });
      equal(await jobs.get([testId(1)]), [undefined], "after the removal");
      const anew = testJob(1, { payload: "new" });
      await insert(jobs, anew);
      equal(await jobs.get([testId(1)]), [anew], "the new job");
    },
  },
  {
    id: "J-14",
    title: "a unit of 1,000 inserts is stored, and so are 1,000 units of one",
    async run({ store: jobs }) {
      const together = testJobs(1_000);
      equal(
        (await put(jobs, { insert: together })).inserted,
        together.map(({ id }) => id),
        "one unit",
      );
      const apart = testJobs(1_000, 1_001);
      const outcomes = await commitAll(
        jobs,
        apart.map((job) => ({ insert: [job] })),
      );
      equal(
        outcomes.map((outcome) => stored(outcome).inserted[0]),
        apart.map(({ id }) => id),
        "1,000 units",
      );
      const all = [...together, ...apart];
      equal(await jobs.get(all.map(({ id }) => id)), all, "jobs");
    },
  },
  {
    id: "J-16",
    title: "a unit names the inserts that were left out by their own ids, not those that stand for them",
    async run({ store: jobs }) {
      const keyed = (number: number) => testJob(number, { unique: "key" });
      await insert(jobs, keyed(1), testJob(2));
      const { inserted, leftOut } = await put(jobs, {
        insert: [testJob(3), keyed(4), testJob(2), keyed(1), testJob(5)],
      });
      equal(inserted, [3, 1, 2, 1, 5].map(testId), "inserted");
      equal(leftOut, [4, 2, 1].map(testId), "left out");
      const outcomes = await commitAll(
        jobs,
        [6, 7, 6].map((number) => ({ insert: [testJob(number, { unique: "other key" })] })),
      );
      equal(
        outcomes.map((outcome) => stored(outcome).leftOut),
        [[], [testId(7)], [testId(6)]],
        "left out in a batch",
      );
      equal((await put(jobs, { insert: [testJob(8), testJob(8)] })).leftOut, [], "twice in a unit");
      equal(
        (await change(jobs, { type: "reserve", id: testId(8), by: "holder" })).id,
        testId(8),
        "the job that is there",
      );
    },
  },
  {
    id: "J-15",
    title: "no units have no outcomes, and an empty unit is stored",
    async run({ store: jobs }) {
      equal(await jobs.commit([]), [], "no units");
      const empty = { ok: true as const, inserted: [], leftOut: [], changed: [], removed: [] };
      equal(await commitAll(jobs, [{}, { insert: [], apply: [], note: [], remove: [] }]), [empty, empty], "outcomes");
      equal(await jobs.find({ limit: 10 }), [], "jobs");
    },
  },
];
