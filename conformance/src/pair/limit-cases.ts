import type { QueueStore } from "@jobq/core";
import type { Fact } from "../case.ts";
import { equal } from "../check.ts";
import { insert, put } from "../commit.ts";
import { ENDS, endUnits, keyedJobs } from "../job/keys/unique-end-cases.ts";
import { codeOf } from "../settled.ts";
import { TEST_NOW, testId, testJob, testJobs } from "../test-job.ts";
import { ALIKE, longTexts, UNUSUAL } from "../unusual-text.ts";
import { entriesFollow, idsOf, reserve } from "./follow.ts";

/** The most jobs that a claim asks for. */
const MAX_JOBS = 10_000;
/** More than a tick of the service asks for at a time. */
const MANY = 1_100;
const PAGE = 1_000;

/** Much, long and late, and what else a pair has to carry through. */
export const limitCases: readonly Fact<QueueStore>[] = [
  {
    id: "P-34",
    title: "10,000 jobs are stored by one unit and reserved by one claim",
    async run({ store }) {
      const all = testJobs(MAX_JOBS);
      await insert(store, ...all);
      equal(await store.topics.topics(), [{ topic: "topic", ready: MAX_JOBS, delayed: 0, paused: false }], "topics");
      equal(idsOf(await reserve(store, MAX_JOBS)), idsOf(all), "reserved");
      equal(await store.jobs.tally(), [{ topic: "topic", state: "reserved", count: MAX_JOBS }], "tally");
    },
  },
  {
    id: "P-35",
    title:
      "reserve keeps the holder and the topic as they were, whatever their text and length, and leases of any length",
    async run({ store }) {
      const texts = [...UNUSUAL, ...ALIKE, ...longTexts()];
      const leaseMs = 8.64e15 - TEST_NOW;
      await insert(store, ...texts.map((topic, index) => testJob(index + 1, { topic })));
      const claims = texts.map((text) => ({ topic: text, limit: 2, by: text, leaseMs }));
      const answers = await store.reserve(claims, TEST_NOW);
      equal(
        answers.map(idsOf),
        texts.map((_, index) => [testId(index + 1)]),
        "reserved",
      );
      const facts = answers.flat().map(({ reservedBy, leaseUntil }) => [reservedBy, leaseUntil]);
      equal(
        facts,
        texts.map((text) => [text, 8.64e15]),
        "as they are told",
      );
      const stored = await store.jobs.get(texts.map((_, index) => testId(index + 1)));
      equal(
        stored.map((job) => [job?.reservedBy, job?.leaseUntil]),
        facts,
        "as they are stored",
      );
      equal(await store.expire(8.64e15 - 1, 5), [], "expire before the end");
    },
  },
  {
    id: "P-49",
    title: "expire does not mind a pause",
    async run({ store }) {
      await insert(store, ...testJobs(3, 1, { timeoutMs: 10 }));
      await reserve(store, 3);
      await store.topics.pause("topic", true);
      equal(idsOf(await store.expire(TEST_NOW + 10, 10)).sort(), [1, 2, 3].map(testId), "expired");
      await entriesFollow(store, "while paused");
      equal(await reserve(store, 3, "topic", TEST_NOW + 10), [], "reserved while paused");
    },
  },
  {
    id: "P-50",
    title: "promote and expire take 1,000 jobs of several topics at once when as many are due",
    async run({ store }) {
      const numbers = Array.from({ length: MANY }, (_, index) => index + 1);
      const topic = (number: number) => `topic ${number % 3}`;
      await insert(
        store,
        ...numbers.map((number) =>
          testJob(number, { topic: topic(number), state: "delayed", runAt: TEST_NOW + (number % 7) }),
        ),
      );
      await store.topics.pause("topic 1", true);
      const promoted = [await store.promote(TEST_NOW + 10, PAGE), await store.promote(TEST_NOW + 10, PAGE)];
      equal(
        promoted.map(({ length }) => length),
        [PAGE, MANY - PAGE],
        "promoted",
      );
      equal(idsOf(promoted.flat()).sort(), numbers.map(testId), "promoted jobs");
      await store.topics.pause("topic 1", false);
      const claims = [0, 1, 2].map((number) => ({ topic: topic(number), limit: MANY, by: "worker", leaseMs: 5 }));
      equal((await store.reserve(claims, TEST_NOW)).flat().length, MANY, "reserved");
      const expired = [await store.expire(TEST_NOW + 5, PAGE), await store.expire(TEST_NOW + 5, PAGE)];
      equal(
        expired.map(({ length }) => length),
        [PAGE, MANY - PAGE],
        "expired",
      );
      await entriesFollow(store, "at the end");
    },
  },
  {
    id: "P-51",
    title: "jobs are promoted however late they are due",
    async run({ store }) {
      const instants = [2 ** 31 * 1_000, 2 ** 32 * 1_000, 9e12, Date.UTC(10_000, 0, 1), 8.64e15];
      await insert(store, ...instants.map((runAt, index) => testJob(index + 1, { state: "delayed", runAt })));
      for (const [index, at] of instants.entries()) {
        equal(await store.topics.nextDueAt(), at, "next due");
        equal(await store.promote(at - 1, 5), [], `before ${at}`);
        equal(idsOf(await store.promote(at, 5)), [testId(index + 1)], `at ${at}`);
      }
      equal(
        idsOf(await reserve(store, 9)),
        instants.map((_, index) => testId(index + 1)),
        "reserved",
      );
    },
  },
  {
    id: "P-71",
    title: "a unique key is free again, and its next job reserved, after every end, also one that expire makes",
    async run({ store }) {
      const first = testJob(1, { unique: "key", maxLeaseLosses: 1, timeoutMs: 10 });
      await insert(store, first);
      await reserve(store, 1);
      equal(
        (await store.expire(TEST_NOW + 10, 5)).map(({ reason }) => reason),
        ["poison"],
        "expired",
      );
      equal((await put(store, { insert: [testJob(2, { unique: "key" })] })).leftOut, [], "after it was expired");
      equal(idsOf(await reserve(store, 5)), [testId(2)], "reserved");
      await insert(store, ...keyedJobs(101));
      for (const unit of endUnits(101).flat()) await put(store, unit);
      const next = ENDS.map((_, index) => testJob(201 + index, { unique: `key ${index}` }));
      equal((await put(store, { insert: next })).leftOut, [], "after every other end");
      equal(idsOf(await reserve(store, 50)), idsOf(next), "reserved next");
      await entriesFollow(store, "at the end");
    },
  },
  {
    id: "P-87",
    title: "after both repositories were closed, every call rejects with CLOSED",
    async run({ store }) {
      await insert(store, testJob(1), testJob(2, { state: "delayed", runAt: TEST_NOW }));
      await store.topics.close();
      await store.jobs.close();
      const claim = { topic: "topic", limit: 1, by: "worker" };
      const calls = {
        commit: () => store.commit([{ now: TEST_NOW, insert: [testJob(3)] }]),
        reserve: () => store.reserve([claim], TEST_NOW),
        promote: () => store.promote(TEST_NOW, 5),
        expire: () => store.expire(TEST_NOW, 5),
      };
      for (const [name, call] of Object.entries(calls)) equal(await codeOf(call), "CLOSED", name);
    },
  },
];
