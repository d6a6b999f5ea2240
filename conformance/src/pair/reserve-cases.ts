import type { Job, QueueStore } from "@jobq/core";
import type { Fact } from "../case.ts";
import { equal, holds } from "../check.ts";
import { change, insert, put } from "../commit.ts";
import { TEST_NOW, testId, testJob, testJobs } from "../test-job.ts";
import { entriesFollow, idsOf, isFused, reserve, statesOf } from "./follow.ts";

/** Reserves by several callers at once until nobody gets anything; each id is reserved once. */
async function eachOnce(handles: readonly QueueStore[]): Promise<void> {
  const [store] = handles as readonly [QueueStore];
  const all = testJobs(300);
  await insert(store, ...all);
  const callers = Array.from({ length: 12 }, async (_, caller) => {
    const own: Job[] = [];
    for (let turn = caller; ; turn += 1) {
      const handle = handles[turn % handles.length] as QueueStore;
      const [jobs] = await handle.reserve([{ topic: "topic", limit: 7, by: `caller ${caller}` }], TEST_NOW);
      if (!jobs?.length) return own;
      own.push(...jobs);
      holds(own.length <= all.length, "reservations come to an end");
      for (const job of jobs) equal([job.reservedBy, job.token], [`caller ${caller}`, 1], "the holder and its token");
    }
  });
  const reserved = (await Promise.all(callers)).flat();
  equal(idsOf(reserved).sort(), idsOf(all), "reserved");
  equal(await store.jobs.tally(), [{ topic: "topic", state: "reserved", count: 300 }], "tally");
}

/** Taking ready jobs for work. */
export const reserveCases: readonly Fact<QueueStore>[] = [
  {
    id: "P-20",
    title: "reserve takes the lowest weight first, equal weights by id, at most `limit`",
    async run({ store }) {
      const weights = [0, 5, -1, 0, 32_767, -32_768, 5, -1];
      await insert(store, ...weights.map((weight, index) => testJob(index + 1, { weight })).reverse());
      equal(idsOf(await reserve(store, 3)), [6, 3, 8].map(testId), "three");
      equal(idsOf(await reserve(store, 1)), [testId(1)], "one");
      equal(idsOf(await reserve(store, 100)), [4, 2, 7, 5].map(testId), "the rest");
      equal(await reserve(store, 100), [], "nothing is left");
      await entriesFollow(store, "at the end");
    },
  },
  {
    id: "P-21",
    title: "a reserved job comes whole, as it is stored from then on",
    async run({ store }) {
      const given = testJob(1, { payload: '{"to":"a@b"}', tags: { env: "prod" }, group: testId(9), unique: "key" });
      await insert(store, given);
      const [job] = await reserve(store, 1);
      const leaseUntil = TEST_NOW + given.timeoutMs;
      const expected = {
        ...given,
        state: "reserved",
        token: 1,
        attempt: 1,
        leaseUntil,
        reservedAt: TEST_NOW,
        reservedBy: "worker",
      };
      equal<unknown>(job, expected, "reserved");
      equal<unknown>(await store.jobs.get([testId(1)]), [expected], "stored");
      equal(await store.jobs.nextLeaseEndAt(), leaseUntil, "next lease end");
    },
  },
  {
    id: "P-22",
    title: "the lease is the claim's, or each job's own timeout where the claim names none",
    async run({ store }) {
      await insert(
        store,
        testJob(1, { timeoutMs: 1_000 }),
        testJob(2, { timeoutMs: 2_000 }),
        testJob(3, { topic: "other" }),
      );
      const claim = { topic: "topic", limit: 5, by: "worker" };
      const [own, asked] = await store.reserve([claim, { ...claim, topic: "other", leaseMs: 77 }], TEST_NOW + 1);
      equal(
        own?.map(({ leaseUntil }) => leaseUntil),
        [TEST_NOW + 1_001, TEST_NOW + 2_001],
        "own timeouts",
      );
      equal(
        asked?.map(({ leaseUntil }) => leaseUntil),
        [TEST_NOW + 78],
        "asked for",
      );
    },
  },
  {
    id: "P-23",
    title: "each claim has its jobs in its place, with jobs of its topic for its holder",
    async run({ store }) {
      await insert(store, ...["a", "b", "a", "b", "a"].map((topic, index) => testJob(index + 1, { topic })));
      const claims = [
        { topic: "b", limit: 1, by: "first" },
        { topic: "none", limit: 9, by: "second" },
        { topic: "a", limit: 9, by: "third" },
      ];
      const answers = await store.reserve(claims, TEST_NOW);
      equal(answers.map(idsOf), [[testId(2)], [], [1, 3, 5].map(testId)], "answers");
      equal(
        answers.map((jobs) => jobs[0]?.reservedBy),
        ["first", undefined, "third"],
        "holders",
      );
      equal(await store.reserve([], TEST_NOW), [], "no claims");
      await entriesFollow(store, "at the end");
    },
  },
  {
    id: "P-24",
    title: "several claims on one topic share its jobs without overlap",
    async run({ store }) {
      await insert(store, ...testJobs(7));
      const claims = [3, 2, 5].map((limit, index) => ({ topic: "topic", limit, by: `worker ${index}` }));
      const answers = await store.reserve(claims, TEST_NOW);
      equal(
        idsOf(answers.flat()).sort(),
        testJobs(7).map(({ id }) => id),
        "reserved",
      );
      answers.forEach((jobs, index) => {
        holds(jobs.length <= (claims[index]?.limit as number), "no more than its limit");
        equal(
          jobs.map(({ reservedBy }) => reservedBy),
          jobs.map(() => `worker ${index}`),
          "holders",
        );
        equal(idsOf(jobs), idsOf(jobs).sort(), "in order");
      });
    },
  },
  {
    id: "P-25",
    title: "a paused topic gives nothing, and everything in order once it is resumed",
    async run({ store }) {
      await insert(store, ...testJobs(3));
      await store.topics.pause("topic", true);
      await insert(store, testJob(4), testJob(5, { state: "delayed", runAt: TEST_NOW }));
      equal(await reserve(store, 10), [], "paused");
      equal(idsOf(await store.promote(TEST_NOW, 10)), [testId(5)], "promoted all the same");
      await entriesFollow(store, "while paused");
      await store.topics.pause("topic", false);
      equal(idsOf(await reserve(store, 10)), [1, 2, 3, 4, 5].map(testId), "resumed");
    },
  },
  {
    id: "P-26",
    title: "an entry that was left behind is dropped, and reserve goes on to the next job",
    async run({ store }) {
      await insert(store, ...testJobs(5));
      if (isFused(store)) return; // no entry can be left behind
      await put(store.jobs, { apply: [{ type: "cancel", id: testId(1), reason: "canceled" }], remove: [testId(3)] });
      await change(store.jobs, { type: "reserve", id: testId(2), by: "another" });
      equal(idsOf(await reserve(store, 2)), [4, 5].map(testId), "reserved");
      equal(await reserve(store, 2), [], "nothing is left");
      await entriesFollow(store, "at the end");
      equal(await statesOf(store, [1, 2, 3].map(testId)), ["canceled", "reserved", undefined], "the others");
    },
  },
  {
    id: "P-27",
    title: "concurrent reserves never return the same job, and together they return all",
    run: ({ store }) => eachOnce([store]),
  },
  {
    id: "P-28",
    title: "concurrent reserves through two handles never return the same job, and together they return all",
    needs: "shared",
    run: async ({ store, second }) => eachOnce([store, await second()]),
  },
  {
    id: "P-29",
    title: "what one handle inserts, the other reserves; what it cancels, the other does not get",
    needs: "shared",
    async run({ store, second }) {
      const other = await second();
      await insert(store, ...testJobs(3));
      await change(store, { type: "cancel", id: testId(2), reason: "canceled" });
      equal(idsOf(await reserve(other, 10)), [1, 3].map(testId), "reserved");
      await change(other, { type: "release", id: testId(1), token: 1 });
      equal(idsOf(await reserve(store, 10)), [testId(1)], "given back by the other");
      await entriesFollow(store, "at the end");
    },
  },
];
