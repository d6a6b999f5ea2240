import type { CancelReason, Change, Job, JobId, JobRepository } from "@jobq/core";
import type { Fact } from "../../case.ts";
import { equal } from "../../check.ts";
import { type Committer, change, commitAll, insert, put, stored, type UnitParts } from "../../commit.ts";
import { TEST_NOW, testId, testJob } from "../../test-job.ts";
import { ALIKE, longTexts, UNUSUAL } from "../../unusual-text.ts";

/** A way in which a job can end. */
interface End {
  readonly title: string;
  readonly job: Partial<Job>;
  /** The changes that lead a new job there. */
  readonly steps: (id: JobId) => readonly Change[];
}

const LEASE_MS = 10;

const take = (id: JobId): Change => ({ type: "reserve", id, by: "holder", leaseMs: LEASE_MS });
const cancelAs = (reason: CancelReason, job: Partial<Job> = {}): End => ({
  title: reason,
  job,
  steps: (id) => [{ type: "cancel", id, reason }],
});

/** Every way to end: each reason, from every state. */
export const ENDS: readonly End[] = [
  { title: "done", job: {}, steps: (id) => [take(id), { type: "done", id, token: 1 }] },
  { title: "exhausted", job: { maxRetries: 0 }, steps: (id) => [take(id), { type: "retry", id, token: 1 }] },
  { title: "poison", job: { maxLeaseLosses: 1 }, steps: (id) => [take(id), { type: "expire", id }] },
  { title: "rejected", job: {}, steps: (id) => [take(id), { type: "cancel", id, token: 1, reason: "rejected" }] },
  { title: "canceled while reserved", job: {}, steps: (id) => [take(id), { type: "cancel", id, reason: "canceled" }] },
  cancelAs("canceled"),
  cancelAs("dependency", { state: "delayed", blockers: [testId(9_001)] }),
  cancelAs("expired", { state: "delayed", runAt: TEST_NOW + 5 }),
  cancelAs("expired"),
  {
    title: "canceled after a suspension",
    job: {},
    steps: (id) => [
      take(id),
      { type: "suspend", id, token: 1, blockers: [testId(9_001)] },
      { type: "cancel", id, reason: "canceled" },
    ],
  },
];

const keyOf = (index: number): string => `key ${index}`;

/** One keyed job for each end, numbered from `first`. */
export function keyedJobs(first: number): Job[] {
  return ENDS.map(({ job }, index) => testJob(first + index, { ...job, unique: keyOf(index) }));
}

/** For each of the {@link keyedJobs} the units that end it in its way, one for each change. */
export function endUnits(first: number): UnitParts[][] {
  return ENDS.map(({ steps }, index) =>
    steps(testId(first + index)).map((one) => ({
      now: one.type === "reserve" ? TEST_NOW - LEASE_MS : TEST_NOW,
      apply: [one],
    })),
  );
}

/** Who stands for a job with each key, inserted with numbers from `first`. */
async function standIns(jobs: Committer, keys: readonly string[], first: number): Promise<readonly JobId[]> {
  const inserts = keys.map((unique, index) => testJob(first + index, { unique }));
  return (await put(jobs, { insert: inserts })).inserted;
}

const idsFrom = (first: number, count: number): JobId[] =>
  Array.from({ length: count }, (_, index) => testId(first + index));

/** When a unique key is free again. */
export const uniqueEndCases: readonly Fact<JobRepository>[] = [
  {
    id: "J-64",
    title:
      "a unique key is free again after every end, for an insert and for a reset, in a later commit and in the same",
    async run({ store: jobs }) {
      const count = ENDS.length;
      const keys = ENDS.map((_, index) => keyOf(index));
      await insert(jobs, ...keyedJobs(101));
      equal(await standIns(jobs, keys, 201), idsFrom(101, count), "while it lives");
      for (const outcome of await commitAll(jobs, endUnits(101).flat())) stored(outcome);
      equal(await standIns(jobs, keys, 301), idsFrom(301, count), "in a later commit");
      const resets = idsFrom(101, count).map((id) => ({ apply: [{ type: "reset", id } as const] }));
      const codes = (await commitAll(jobs, resets)).map((outcome) => (outcome.ok ? "stored" : outcome.code));
      equal(
        codes,
        ENDS.map(() => "DUPLICATE_JOB"),
        "resets while another holds it",
      );
      const cancels = idsFrom(301, count).map((id) => ({
        apply: [{ type: "cancel", id, reason: "canceled" } as const],
      }));
      for (const outcome of await commitAll(jobs, [...cancels, ...resets])) stored(outcome);
      equal(await standIns(jobs, keys, 401), idsFrom(101, count), "taken again by the reset");
      await put(jobs, { remove: idsFrom(101, count) });
      await insert(jobs, ...keyedJobs(501));
      const nexts = keys.map((unique, index) => ({ insert: [testJob(601 + index, { unique })] }));
      const outcomes = await commitAll(
        jobs,
        endUnits(501).flatMap((end, index) => [...end, nexts[index] as UnitParts]),
      );
      const inserted = outcomes.flatMap((outcome) => stored(outcome).inserted);
      equal(inserted, idsFrom(601, count), ENDS.map(({ title }) => title).join(", "));
    },
  },
  {
    id: "J-65",
    title: "inserting a job again that has ended neither takes its unique key nor frees it",
    async run({ store: jobs }) {
      const keyed = (number: number) => testJob(number, { unique: "key" });
      const cancel = (number: number): Change => ({ type: "cancel", id: testId(number), reason: "canceled" });
      await insert(jobs, keyed(1));
      await change(jobs, cancel(1));
      await insert(jobs, keyed(1));
      equal((await put(jobs, { insert: [keyed(2)] })).inserted, [testId(2)], "in a later unit");
      await change(jobs, cancel(2));
      equal((await put(jobs, { insert: [keyed(1), keyed(3)] })).inserted, [1, 3].map(testId), "in the same unit");
      await insert(jobs, keyed(1));
      equal((await put(jobs, { insert: [keyed(4)] })).inserted, [testId(3)], "the key of the living");
      const outcomes = await commitAll(jobs, [{ apply: [cancel(3)] }, { insert: [keyed(1)] }, { insert: [keyed(5)] }]);
      equal(
        outcomes.slice(1).map((outcome) => stored(outcome).inserted),
        [[testId(1)], [testId(5)]],
        "in a batch",
      );
      await put(jobs, { remove: [1, 2].map(testId) });
      equal((await put(jobs, { insert: [keyed(6)] })).inserted, [testId(5)], "after the removal of those that held it");
      equal(
        (await jobs.find({ state: "canceled", limit: 9 })).map(({ id }) => id),
        [testId(3)],
        "jobs that have ended",
      );
    },
  },
  {
    id: "J-66",
    title: "a unique key of any text comes back as it was, is freed by an end and by a removal, and taken by a reset",
    async run({ store: jobs }) {
      const keys = [...UNUSUAL, ...ALIKE, ...longTexts()];
      const count = keys.length;
      equal(await standIns(jobs, keys, 1), idsFrom(1, count), "first");
      const read = await jobs.get(idsFrom(1, count));
      equal(
        read.map((job) => job?.unique),
        keys,
        "keys as they are read",
      );
      const applyTo = (first: number, make: (id: JobId) => Change) => ({ apply: idsFrom(first, count).map(make) });
      await put(
        jobs,
        applyTo(1, (id) => ({ type: "cancel", id, reason: "canceled" })),
      );
      equal(await standIns(jobs, keys, 1_001), idsFrom(1_001, count), "after an end");
      await put(jobs, { remove: idsFrom(1_001, count) });
      equal(await standIns(jobs, keys, 2_001), idsFrom(2_001, count), "after a removal");
      await put(
        jobs,
        applyTo(2_001, (id) => ({ type: "reserve", id, by: "holder" })),
      );
      await put(
        jobs,
        applyTo(2_001, (id) => ({ type: "done", id, token: 1 })),
      );
      await put(
        jobs,
        applyTo(1, (id) => ({ type: "reset", id })),
      );
      equal(await standIns(jobs, keys, 3_001), idsFrom(1, count), "after a reset");
    },
  },
];
