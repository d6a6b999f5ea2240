import type { Job, QueueStore } from "@jobq/core";
import type { Fact } from "../case.ts";
import { equal } from "../check.ts";
import { change, commitAll, insert, plain, put } from "../commit.ts";
import { live } from "../job/model/history.ts";
import { LINK_PROBES, linkTrialsOf, mixedTrials } from "../job/model/link-trial.ts";
import { historyOf, type Trial, unitOf } from "../job/model/trial.ts";
import { TEST_NOW, testId, testJob } from "../test-job.ts";
import { waitingForSlot } from "../waiting-for-slot.ts";
import { entriesFollow, idsOf, recover, reserve } from "./follow.ts";

const id = testId;
const limited = (number: number, rest: Partial<Job> = {}): Job =>
  testJob(number, { state: "delayed", limit: { key: "key", concurrency: 1 }, ...rest });
const admit = (number: number, slot = 0) => ({ type: "admit", id: id(number), slot }) as const;
const done = (number: number, token = 1) => ({ type: "done", id: id(number), token }) as const;

async function follows(store: QueueStore, trials: readonly Trial[]): Promise<void> {
  await live(store, trials.map(historyOf));
  await entriesFollow(store, "before");
  const outcomes = await commitAll(store, trials.map(unitOf));
  for (const [index, { title, outcome }] of trials.entries()) {
    equal(plain(outcomes[index] as typeof outcome), outcome, title);
  }
  await entriesFollow(store, "after");
}

const topicOf = (number: number): Partial<Job> => ({ topic: `topic ${number}` });

/** What a pair makes of times to live, limits, links and spans of keys. */
export const linkCases: readonly Fact<QueueStore>[] = [
  {
    id: "P-36",
    title: "reserve hands out no job whose time to live has passed: it comes canceled as expired, and others reserved",
    async run({ store }) {
      const lives = [TEST_NOW, undefined, TEST_NOW - 5, TEST_NOW + 1, undefined];
      await insert(
        store,
        ...lives.map((expiresAt, index) => testJob(index + 1, { expiresAt, unique: `key ${index}` })),
      );
      const met: Job[] = [];
      for (let jobs = await reserve(store, 2); jobs.length > 0; jobs = await reserve(store, 2)) met.push(...jobs);
      const facts = met.map((job) => [
        job.id,
        job.state,
        job.reason,
        job.token,
        job.attempt,
        job.finishedAt,
        job.leaseUntil,
      ]);
      const expired = (number: number) => [id(number), "canceled", "expired", 0, 0, TEST_NOW, undefined];
      const reserved = (number: number) => [id(number), "reserved", undefined, 1, 1, undefined, TEST_NOW + 30_000];
      equal(facts.sort(), [expired(1), reserved(2), expired(3), reserved(4), reserved(5)], "jobs that were met");
      equal(
        (await store.jobs.get([1, 2, 3, 4, 5].map(id))).map((job) => job?.state),
        ["canceled", "reserved", "canceled", "reserved", "reserved"],
        "states",
      );
      equal(
        (await put(store, { insert: [6, 7, 8].map((number) => testJob(number, { unique: `key ${number - 6}` })) }))
          .inserted,
        [6, 2, 8].map(id),
        "keys",
      );
      await entriesFollow(store, "at the end");
      equal(await store.jobs.nextLeaseEndAt(), TEST_NOW + 30_000, "next lease end");
    },
  },
  {
    id: "P-37",
    title:
      "promote makes due jobs ready, cancels those whose time to live has passed, and lets none with a limit run without a slot",
    async run({ store }) {
      const due = { state: "delayed", runAt: TEST_NOW } as const;
      await insert(
        store,
        testJob(1, due),
        testJob(2, { ...due, expiresAt: TEST_NOW }),
        limited(3, due),
        limited(4, { ...due, expiresAt: 1 }),
      );
      await insert(store, testJob(5, { ...due, expiresAt: TEST_NOW + 1 }), testJob(6, { ...due, awaits: "group" }));
      const promoted = await store.promote(TEST_NOW, 10);
      const facts = promoted.map((job) => [job.id, job.reason ?? job.state, job.awaits]);
      const expected = [
        [id(1), "ready"],
        [id(2), "expired"],
        [id(3), "delayed"],
        [id(4), "expired"],
        [id(5), "ready"],
        [id(6), "ready"],
      ];
      equal<unknown>(
        facts.sort().map(([one, state]) => [one, state]),
        expected,
        "promoted",
      );
      equal(await store.promote(TEST_NOW, 10), [], "once");
      await entriesFollow(store, "after promote");
      equal(idsOf(await waitingForSlot(store.jobs, "key", 5)), [id(3)], "who waits for a slot");
      equal(idsOf(await reserve(store, 10)), [1, 5, 6].map(id), "reserved");
    },
  },
  {
    id: "P-38",
    title:
      "after every newer change from every state the job has the entry it wants, and the outcome is that of commit",
    async run({ store }) {
      const types = Object.keys(LINK_PROBES) as (keyof typeof LINK_PROBES)[];
      await follows(
        store,
        types.flatMap((type, index) => linkTrialsOf(type, 1 + index * 1_000, topicOf)),
      );
    },
  },
  {
    id: "P-39",
    title: "after older changes of jobs with limits, links, groups and times to live the job has the entry it wants",
    run: ({ store }) => follows(store, mixedTrials(1, topicOf)),
  },
  {
    id: "P-52",
    title: "a job with a limit is reserved once it is admitted, and the next when the first has ended",
    async run({ store }) {
      await insert(store, limited(1), limited(2, { weight: -1 }), limited(3));
      equal(await reserve(store, 5), [], "before any admission");
      await change(store, admit(2));
      equal(idsOf(await reserve(store, 5)), [id(2)], "the first");
      const { changed } = await put(store, { apply: [done(2), admit(1)] });
      equal(
        changed.map(({ state }) => state),
        ["done", "ready"],
        "the end of the first and the admission of the next",
      );
      await entriesFollow(store, "after that");
      equal(idsOf(await reserve(store, 5)), [id(1)], "the next");
      equal(
        (await store.expire(TEST_NOW + 30_000, 5)).map(({ slot }) => slot),
        [0],
        "its slot once its lease has ended",
      );
      await recover(store, 5);
      await entriesFollow(store, "after a recovery");
      equal(
        (await reserve(store, 5, "topic", TEST_NOW + 30_000)).map(({ slot }) => slot),
        [0],
        "reserved again",
      );
    },
  },
  {
    id: "P-53",
    title: "reserve frees a key that is held while queued, and a job that is woken or suspended has the entry it wants",
    async run({ store }) {
      const key = { unique: "key", uniqueSpan: "queued" } as const;
      await insert(store, testJob(1, key));
      equal((await put(store, { insert: [testJob(2, key)] })).inserted, [id(1)], "while it is queued");
      await reserve(store, 1);
      equal((await put(store, { insert: [testJob(2, key)] })).inserted, [id(2)], "once it is reserved");
      await change(store, { type: "suspend", id: id(1), token: 1, awaits: "", at: TEST_NOW + 50 });
      await entriesFollow(store, "suspended");
      await change(store, { type: "wake", id: id(1) });
      await entriesFollow(store, "woken");
      equal(idsOf(await reserve(store, 5)), [1, 2].map(id), "reserved");
      await put(store, { apply: [{ type: "wake", id: id(1) }] });
      equal((await change(store, { type: "suspend", id: id(1), token: 2, awaits: "" })).state, "ready", "woken before");
      await entriesFollow(store, "at the end");
    },
  },
];
