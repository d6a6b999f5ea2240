import type { Change, Job, JobRepository } from "@jobq/core";
import type { Fact } from "../../case.ts";
import { equal } from "../../check.ts";
import { change, commitAll, insert, plain, put, refuse, stored } from "../../commit.ts";
import { headOf, TEST_NOW, testId, testJob } from "../../test-job.ts";

const keyed = (number: number, overrides: Partial<Job> = {}) => testJob(number, { unique: "key", ...overrides });
const cancel = (number: number): Change => ({ type: "cancel", id: testId(number), reason: "canceled" });
const reserve = (number: number): Change => ({ type: "reserve", id: testId(number), by: "holder" });

/** Who stands for the job with the key, when it is inserted. */
async function holderSeenBy(jobs: JobRepository, number: number): Promise<string | undefined> {
  return (await put(jobs, { insert: [keyed(number)] })).inserted[0];
}

/** Unique keys: one key, one live job. */
export const uniqueCases: readonly Fact<JobRepository>[] = [
  {
    id: "J-50",
    title: "an insert whose unique key is held is left out and names the holder, whatever its topic",
    async run({ store: jobs }) {
      await insert(jobs, keyed(1));
      const { inserted } = await put(jobs, {
        insert: [testJob(2), keyed(3, { topic: "other" }), testJob(4, { unique: "KEY" })],
      });
      equal(inserted, [2, 1, 4].map(testId), "inserted");
      equal(
        (await jobs.get([1, 2, 3, 4].map(testId))).map((job) => job?.id),
        [testId(1), testId(2), undefined, testId(4)],
        "jobs",
      );
    },
  },
  {
    id: "J-51",
    title: "a job holds its unique key while it is delayed, ready or reserved",
    async run({ store: jobs }) {
      await insert(jobs, keyed(1, { state: "delayed", runAt: TEST_NOW }));
      equal(await holderSeenBy(jobs, 2), testId(1), "delayed");
      await change(jobs, { type: "promote", id: testId(1) });
      equal(await holderSeenBy(jobs, 2), testId(1), "ready");
      await change(jobs, reserve(1));
      equal(await holderSeenBy(jobs, 2), testId(1), "reserved");
      await change(jobs, { type: "suspend", id: testId(1), token: 1, at: TEST_NOW + 9_000 });
      equal(await holderSeenBy(jobs, 2), testId(1), "suspended");
    },
  },
  {
    id: "J-52",
    title: "a unique key is free again when its holder is done",
    async run({ store: jobs }) {
      await insert(jobs, keyed(1));
      await change(jobs, reserve(1));
      await change(jobs, { type: "done", id: testId(1), token: 1 });
      equal(await holderSeenBy(jobs, 2), testId(2), "the next");
      equal(await holderSeenBy(jobs, 3), testId(2), "the one after");
    },
  },
  {
    id: "J-53",
    title: "a unique key is free again when its holder is canceled, by request or by the state machine",
    async run({ store: jobs }) {
      await insert(jobs, keyed(1, { maxRetries: 0 }));
      await change(jobs, reserve(1));
      await change(jobs, { type: "retry", id: testId(1), token: 1 });
      equal(await holderSeenBy(jobs, 2), testId(2), "exhausted");
      await change(jobs, cancel(2));
      equal(await holderSeenBy(jobs, 3), testId(3), "canceled");
    },
  },
  {
    id: "J-54",
    title: "a unique key is free again when its holder is removed",
    async run({ store: jobs }) {
      await insert(jobs, keyed(1));
      await put(jobs, { remove: [testId(1)] });
      equal(await holderSeenBy(jobs, 2), testId(2), "the next");
      await change(jobs, cancel(2));
      await insert(jobs, keyed(3));
      await put(jobs, { remove: [testId(2)] });
      equal(await holderSeenBy(jobs, 4), testId(3), "after the removal of one that held it before");
    },
  },
  {
    id: "J-55",
    title: "of two jobs with one unique key in a unit, or in a batch, the first is stored",
    async run({ store: jobs }) {
      equal((await put(jobs, { insert: [keyed(2), keyed(1)] })).inserted, [testId(2), testId(2)], "in a unit");
      const other = (number: number) => ({ insert: [testJob(number, { unique: "other key" })] });
      const outcomes = await commitAll(jobs, [other(5), other(3), other(4)]);
      equal(
        outcomes.map((outcome) => stored(outcome).inserted),
        [[testId(5)], [testId(5)], [testId(5)]],
        "in a batch",
      );
      equal(
        (await jobs.find({ limit: 10 })).map(({ id }) => id),
        [testId(2), testId(5)],
        "jobs",
      );
    },
  },
  {
    id: "J-56",
    title: "a reset is refused with DUPLICATE_JOB while another job holds the unique key",
    async run({ store: jobs }) {
      await insert(jobs, keyed(1));
      const canceled = await change(jobs, cancel(1));
      await insert(jobs, keyed(2));
      const refusal = await refuse(jobs, { apply: [{ type: "reset", id: testId(1) }] });
      const expected = {
        ok: false,
        code: "DUPLICATE_JOB",
        id: testId(1),
        job: headOf(canceled),
        holder: testId(2),
      } as const;
      equal(plain(refusal), expected, "refusal");
      equal((await jobs.get([testId(1)]))[0]?.state, "canceled", "state");
      await change(jobs, cancel(2));
      equal((await change(jobs, { type: "reset", id: testId(1) })).state, "ready", "once the key is free");
    },
  },
  {
    id: "J-57",
    title: "a reset takes the unique key again",
    async run({ store: jobs }) {
      await insert(jobs, keyed(1));
      await change(jobs, cancel(1));
      await change(jobs, { type: "reset", id: testId(1) });
      equal(await holderSeenBy(jobs, 2), testId(1), "the holder");
    },
  },
  {
    id: "J-58",
    title: "in a unit the key of a canceled job is free for a later reset, but not for an insert, which comes first",
    async run({ store: jobs }) {
      await insert(jobs, keyed(1));
      await change(jobs, cancel(1));
      await insert(jobs, keyed(2));
      const { inserted, changed } = await put(jobs, {
        insert: [keyed(3)],
        apply: [cancel(2), { type: "reset", id: testId(1) }],
      });
      equal(inserted, [testId(2)], "inserted");
      equal(
        changed.map(({ state }) => state),
        ["canceled", "ready"],
        "changed",
      );
      const both = [cancel(1), { type: "reset", id: testId(1) }, { type: "reset", id: testId(2) }] as const;
      const refusal = await refuse(jobs, { apply: both });
      equal(
        [refusal.code, refusal.id, refusal.holder],
        ["DUPLICATE_JOB", testId(2), testId(1)],
        "two resets of one key",
      );
      equal(await holderSeenBy(jobs, 4), testId(1), "the holder after all");
    },
  },
  {
    id: "J-59",
    title: "a key that a unit frees can be taken by the next unit of the batch",
    async run({ store: jobs }) {
      await insert(jobs, keyed(1));
      const units = [
        { apply: [cancel(1)] },
        { insert: [keyed(2)] },
        { remove: [testId(2)] },
        { insert: [keyed(3)] },
        { insert: [keyed(4)] },
      ];
      const outcomes = await commitAll(jobs, units);
      equal(
        outcomes.flatMap((outcome) => stored(outcome).inserted),
        [2, 3, 3].map(testId),
        "inserted",
      );
    },
  },
  {
    id: "J-60",
    title: "a refused unit neither takes nor frees a unique key",
    async run({ store: jobs }) {
      await insert(jobs, testJob(1, { unique: "held" }));
      await refuse(jobs, { insert: [keyed(2)], apply: [cancel(1), reserve(99)] });
      await refuse(jobs, { apply: [cancel(1), reserve(99)] });
      const { inserted } = await put(jobs, { insert: [keyed(3), testJob(4, { unique: "held" })] });
      equal(inserted, [testId(3), testId(1)], "inserted");
    },
  },
  {
    id: "J-61",
    title: "inserting an id that is there names the job itself even when another one holds its unique key",
    async run({ store: jobs }) {
      await insert(jobs, keyed(1));
      await change(jobs, cancel(1));
      await insert(jobs, keyed(2));
      equal((await put(jobs, { insert: [keyed(1)] })).inserted, [testId(1)], "inserted");
    },
  },
  {
    id: "J-62",
    title: "a job that is left out is not there for the rest of its unit",
    async run({ store: jobs }) {
      await insert(jobs, keyed(1));
      const note = { id: testId(2), kind: "log", key: "k", value: "v", at: TEST_NOW } as const;
      const noted = await refuse(jobs, { insert: [keyed(2)], note: [note] });
      equal([noted.code, noted.id], ["JOB_NOT_FOUND", testId(2)], "a note on it");
      const changed = await refuse(jobs, { insert: [keyed(2)], apply: [reserve(2)] });
      equal([changed.code, changed.id], ["JOB_NOT_FOUND", testId(2)], "a change of it");
    },
  },
];
