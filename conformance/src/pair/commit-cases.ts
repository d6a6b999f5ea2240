import type { Job, QueueStore } from "@jobq/core";
import type { Fact } from "../case.ts";
import { equal } from "../check.ts";
import { change, commitAll, insert, plain, put, refuse } from "../commit.ts";
import { live } from "../job/model/history.ts";
import { allTrials, historyOf, unitOf } from "../job/model/trial.ts";
import { TEST_NOW, testId, testJob, testJobs } from "../test-job.ts";
import { entriesFollow, idsOf, reserve } from "./follow.ts";

const cancel = (number: number) => ({ type: "cancel", id: testId(number), reason: "canceled" }) as const;
const take = (number: number) => ({ type: "reserve", id: testId(number), by: "holder" }) as const;

/** Entries follow jobs. */
export const commitCases: readonly Fact<QueueStore>[] = [
  {
    id: "P-10",
    title: "an inserted job has the entry it wants: none while it waits for others",
    async run({ store }) {
      const delayed = (number: number, rest: Partial<Job>) => testJob(number, { state: "delayed", ...rest });
      const blockers = [testId(90)];
      await insert(
        store,
        testJob(1),
        testJob(2, { topic: "a/b!c~d%" }),
        delayed(3, { runAt: TEST_NOW + 5 }),
        delayed(4, { blockers }),
      );
      await insert(
        store,
        delayed(5, { blockers, runAt: TEST_NOW + 1 }),
        delayed(6, { runAt: TEST_NOW + 3, topic: "日本語" }),
      );
      await entriesFollow(store, "after the inserts");
      equal(idsOf(await reserve(store, 10)), [testId(1)], "reserved");
      equal(idsOf(await store.promote(TEST_NOW + 10, 10)).sort(), [testId(3), testId(6)], "promoted");
      await entriesFollow(store, "at the end");
    },
  },
  {
    id: "P-11",
    title: "after every change from every state the job has the entry it wants, and the outcome is that of commit",
    async run({ store }) {
      const trials = allTrials((number) => ({ topic: `topic ${number}` }));
      await live(store, trials.map(historyOf));
      await entriesFollow(store, "before");
      const outcomes = await commitAll(store, trials.map(unitOf));
      for (const [index, { title, outcome }] of trials.entries()) {
        equal(plain(outcomes[index] as typeof outcome), outcome, title);
      }
      await entriesFollow(store, "after");
    },
  },
  {
    id: "P-12",
    title: "an insert that is left out for its unique key has no entry",
    async run({ store }) {
      await insert(store, testJob(1, { unique: "key" }));
      const { inserted } = await put(store, { insert: [testJob(2, { unique: "key" }), testJob(3)] });
      equal(inserted, [1, 3].map(testId), "inserted");
      await entriesFollow(store, "after the second insert");
      equal(idsOf(await reserve(store, 10)), [1, 3].map(testId), "reserved");
    },
  },
  {
    id: "P-13",
    title: "a refused unit leaves the entries as they were, a stored neighbour's follow",
    async run({ store }) {
      await insert(store, ...testJobs(3));
      const outcomes = await commitAll(store, [
        { apply: [cancel(1)] },
        { insert: [testJob(4)], apply: [cancel(2), take(99)] },
        { insert: [testJob(5)] },
      ]);
      equal(
        outcomes.map(({ ok }) => ok),
        [true, false, true],
        "outcomes",
      );
      await entriesFollow(store, "after the batch");
      equal((await refuse(store, { remove: [testId(3)], apply: [cancel(1)] })).code, "INVALID_STATE", "refusal");
      equal(idsOf(await reserve(store, 10)), [2, 3, 5].map(testId), "reserved");
    },
  },
  {
    id: "P-14",
    title: "a removed job has no entry, whatever its state was",
    async run({ store }) {
      await insert(store, ...testJobs(4), testJob(5, { state: "delayed", runAt: TEST_NOW }));
      await change(store, take(2));
      await change(store, cancel(3));
      await put(store, { remove: [1, 2, 3, 5, 99].map(testId) });
      await entriesFollow(store, "after the removal");
      equal(idsOf(await reserve(store, 10)), [testId(4)], "reserved");
      equal(await store.promote(TEST_NOW, 10), [], "promoted");
    },
  },
  {
    id: "P-15",
    title: "of several changes of a job in a unit, the entry follows the last",
    async run({ store }) {
      const later = { type: "retry", id: testId(2), token: 1, at: TEST_NOW + 5 } as const;
      await insert(store, ...testJobs(2));
      await put(store, { apply: [take(1), { type: "release", id: testId(1), token: 1 }, take(2), later] });
      await entriesFollow(store, "when it was given back");
      await put(store, { apply: [take(1), { type: "release", id: testId(1), token: 2 }, cancel(1), cancel(2)] });
      await entriesFollow(store, "when it was given back and canceled");
      await put(store, {
        apply: [{ type: "reset", id: testId(1) }, take(1), { type: "release", id: testId(1), token: 3 }, take(1)],
      });
      await entriesFollow(store, "when it was given back and taken");
      await put(store, { insert: [testJob(3)], remove: [testId(3)] });
      await put(store, { insert: [testJob(4)], apply: [take(4)] });
      await entriesFollow(store, "when it came and went");
      equal(idsOf(await reserve(store, 10)), [], "reserved");
    },
  },
  {
    id: "P-16",
    title: "of several units of a batch that change a job, its entry follows the last",
    async run({ store }) {
      await insert(store, testJob(1));
      await commitAll(store, [
        { apply: [cancel(1)] },
        { apply: [{ type: "reset", id: testId(1) }] },
        { insert: [testJob(2)] },
        { apply: [cancel(2)] },
        { insert: [testJob(3)] },
        { remove: [testId(3)] },
        { insert: [testJob(4)] },
        { apply: [take(4)] },
        { remove: [testId(1)] },
        { insert: [testJob(1, { topic: "other" })] },
      ]);
      await entriesFollow(store, "after the batch");
      equal(idsOf(await reserve(store, 10)), [], "reserved of the old topic");
      equal(idsOf(await reserve(store, 10, "other")), [testId(1)], "reserved of the new one");
    },
  },
  {
    id: "P-19",
    title: "inserting an id that is there leaves its entry alone",
    async run({ store }) {
      await insert(store, testJob(1, { weight: 1 }), testJob(2), testJob(3));
      await change(store, take(3));
      await insert(store, testJob(1, { topic: "other", weight: -1 }), testJob(3));
      await insert(store, testJob(2, { state: "delayed", runAt: TEST_NOW }));
      await entriesFollow(store, "after the second inserts");
      equal(idsOf(await reserve(store, 10)), [testId(2), testId(1)], "reserved");
    },
  },
  {
    id: "P-30",
    title: "a job that a unit inserts twice, or that two units of a batch insert, has its entry",
    async run({ store }) {
      const keyed = (number: number) => testJob(number, { unique: "key" });
      await put(store, { insert: [testJob(1), testJob(2), testJob(1, { topic: "other" })] });
      await commitAll(store, [{ insert: [testJob(3)] }, { insert: [testJob(3, { topic: "other" })] }]);
      await commitAll(store, [
        { insert: [keyed(4)] },
        { insert: [keyed(5)] },
        { remove: [testId(4)] },
        { insert: [keyed(5)] },
      ]);
      await entriesFollow(store, "after the inserts");
      equal(idsOf(await reserve(store, 10)), [1, 2, 3, 5].map(testId), "reserved");
    },
  },
  {
    id: "P-17",
    title: "what was committed is read at once, notes and counts included",
    async run({ store }) {
      const note = { id: testId(1), kind: "log", key: "k", value: "v", at: TEST_NOW } as const;
      await put(store, { insert: [testJob(1)], note: [note] });
      equal(await store.jobs.get([testId(1)]), [testJob(1)], "job");
      equal(await store.jobs.notes(testId(1), "log"), [note], "notes");
      equal(await store.jobs.tally(), [{ topic: "topic", state: "ready", count: 1 }], "tally");
      equal(await store.commit([]), [], "no units");
    },
  },
  {
    id: "P-18",
    title: "1,000 jobs in a unit, and 1,000 units of one, have their entries",
    async run({ store }) {
      await insert(store, ...testJobs(1_000));
      await commitAll(
        store,
        testJobs(1_000, 1_001).map((job) => ({ insert: [job] })),
      );
      await entriesFollow(store, "after the inserts");
      equal(
        idsOf(await reserve(store, 3_000)),
        testJobs(2_000).map(({ id }) => id),
        "reserved",
      );
      await entriesFollow(store, "at the end");
    },
  },
];
