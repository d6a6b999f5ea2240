import type { QueueStore } from "@jobq/core";
import type { Fact } from "../case.ts";
import { equal } from "../check.ts";
import { change, insert, put } from "../commit.ts";
import { TEST_NOW, testId, testJob } from "../test-job.ts";
import { entriesFollow, idsOf, isFused, reserve, reserveOne, statesOf } from "./follow.ts";

const delayed = (number: number, ms: number, topic = "topic") =>
  testJob(number, { state: "delayed", runAt: TEST_NOW + ms, topic });

/** What the passing of time does: promotions and ended leases. */
export const timeCases: readonly Fact<QueueStore>[] = [
  {
    id: "P-40",
    title: "promote makes ready what is due at that instant or earlier, and returns it",
    async run({ store }) {
      await insert(store, delayed(1, -1), delayed(2, 0, "other"), delayed(3, 1), testJob(4));
      await insert(store, testJob(5, { state: "delayed", runAt: TEST_NOW, blockers: [testId(4)] }));
      const promoted = await store.promote(TEST_NOW, 10);
      equal(
        promoted.map(({ id, state, runAt }) => [id, state, runAt]).sort(),
        [1, 2].map((number) => [testId(number), "ready", undefined]),
        "promoted",
      );
      equal(await statesOf(store, [1, 2, 3, 5].map(testId)), ["ready", "ready", "delayed", "delayed"], "states");
      await entriesFollow(store, "after promote");
      equal(await store.promote(TEST_NOW, 10), [], "once");
      equal(idsOf(await reserve(store, 10)), [1, 4].map(testId), "reserved");
    },
  },
  {
    id: "P-41",
    title: "promote returns at most `limit` jobs, and fewer only when no more are due",
    async run({ store }) {
      await insert(store, ...[5, 3, 1, 4, 2].map((number) => delayed(number, number)), delayed(6, 99));
      await change(store, { type: "cancel", id: testId(1), reason: "canceled" });
      const counts: number[] = [];
      for (let turn = 0; turn < 3; turn += 1) counts.push((await store.promote(TEST_NOW + 10, 2)).length);
      equal(counts, [2, 2, 0], "counts");
      equal(
        await statesOf(store, [1, 2, 3, 4, 5, 6].map(testId)),
        ["canceled", "ready", "ready", "ready", "ready", "delayed"],
        "states",
      );
    },
  },
  {
    id: "P-42",
    title: "concurrent promotions return each due job once",
    async run({ store }) {
      const numbers = Array.from({ length: 60 }, (_, index) => index + 1);
      await insert(store, ...numbers.map((number) => delayed(number, 0)));
      const answers = await Promise.all(Array.from({ length: 8 }, () => store.promote(TEST_NOW, 100)));
      equal(idsOf(answers.flat()).sort(), numbers.map(testId), "promoted");
      await entriesFollow(store, "at the end");
    },
  },
  {
    id: "P-48",
    title: "a due entry that was left behind is dropped, and promote goes on to the next",
    async run({ store }) {
      await insert(store, ...[1, 2, 3, 4].map((number) => delayed(number, number)));
      if (isFused(store)) return; // no entry can be left behind
      await put(store.jobs, { apply: [{ type: "cancel", id: testId(1), reason: "canceled" }], remove: [testId(2)] });
      equal(idsOf(await store.promote(TEST_NOW + 10, 2)).sort(), [testId(3), testId(4)], "promoted");
      await entriesFollow(store, "at the end");
    },
  },
  {
    id: "P-43",
    title: "expire ends leases that end at that instant or earlier, and counts a loss but no attempt",
    async run({ store }) {
      await insert(store, ...[10, 20, 30].map((ms, index) => testJob(index + 1, { timeoutMs: ms })));
      await reserve(store, 3);
      equal(await store.expire(TEST_NOW + 9, 10), [], "before");
      const expired = await store.expire(TEST_NOW + 20, 10);
      const facts = expired.map(({ id, state, attempt, leaseLosses, token }) => [
        id,
        state,
        attempt,
        leaseLosses,
        token,
      ]);
      equal(
        facts.sort(),
        [1, 2].map((number) => [testId(number), "ready", 0, 1, 1]),
        "expired",
      );
      await entriesFollow(store, "after expire");
      equal(await store.jobs.nextLeaseEndAt(), TEST_NOW + 30, "next lease end");
      const again = await reserve(store, 10, "topic", TEST_NOW + 20);
      equal(
        again.map(({ id, token, attempt }) => [id, token, attempt]),
        [1, 2].map((number) => [testId(number), 2, 1]),
        "reserved again",
      );
    },
  },
  {
    id: "P-44",
    title: "expire returns at most `limit` jobs, and fewer only when no more leases have ended",
    async run({ store }) {
      await insert(
        store,
        ...[1, 2, 3, 4, 5, 6].map((number) => testJob(number, { timeoutMs: number === 6 ? 99 : number })),
      );
      await reserve(store, 6);
      await change(store, { type: "extend", id: testId(2), token: 1, until: TEST_NOW + 500 });
      const counts: number[] = [];
      for (let turn = 0; turn < 3; turn += 1) counts.push((await store.expire(TEST_NOW + 10, 2)).length);
      equal(counts, [2, 2, 0], "counts");
      equal(
        await statesOf(store, [1, 2, 3, 4, 5, 6].map(testId)),
        ["ready", "reserved", "ready", "ready", "ready", "reserved"],
        "states",
      );
    },
  },
  {
    id: "P-45",
    title: "a job whose leases keep being lost is canceled as poison, and its neighbours run on",
    async run({ store }) {
      await insert(store, testJob(1, { maxLeaseLosses: 3, timeoutMs: 10, weight: -1 }), testJob(2), testJob(3));
      for (let loss = 1; loss <= 3; loss += 1) {
        const now = TEST_NOW + loss * 100;
        equal((await reserveOne(store, "topic", now)).id, testId(1), `reservation ${loss}`);
        const [expired] = await store.expire(now + 10, 10);
        equal([expired?.state, expired?.leaseLosses], [loss < 3 ? "ready" : "canceled", loss], `loss ${loss}`);
      }
      const [poison] = await store.jobs.find({ state: "canceled", reason: "poison", limit: 5 });
      equal([poison?.id, poison?.finishedAt], [testId(1), TEST_NOW + 310], "the poison job");
      await entriesFollow(store, "at the end");
      equal(idsOf(await reserve(store, 10)), [2, 3].map(testId), "neighbours");
    },
  },
  {
    id: "P-46",
    title: "concurrent expiries return each ended lease once",
    async run({ store }) {
      const numbers = Array.from({ length: 40 }, (_, index) => index + 1);
      await insert(store, ...numbers.map((number) => testJob(number, { timeoutMs: 1 })));
      await reserve(store, 40);
      const answers = await Promise.all(Array.from({ length: 8 }, () => store.expire(TEST_NOW + 1, 100)));
      equal(idsOf(answers.flat()).sort(), numbers.map(testId), "expired");
      equal(
        (await store.jobs.find({ limit: 50 })).map(({ leaseLosses }) => leaseLosses),
        numbers.map(() => 1),
        "losses",
      );
      await entriesFollow(store, "at the end");
    },
  },
  {
    id: "P-47",
    title: "promotions and expiries through two handles return each job once",
    needs: "shared",
    async run({ store, second }) {
      const handles = [store, await second()];
      const numbers = Array.from({ length: 40 }, (_, index) => index + 1);
      await insert(
        store,
        ...numbers.map((number) => (number % 2 ? delayed(number, 0) : testJob(number, { timeoutMs: 1 }))),
      );
      await reserve(store, 40);
      const work = handles.flatMap((handle) => [handle.promote(TEST_NOW + 1, 50), handle.expire(TEST_NOW + 1, 50)]);
      equal(idsOf((await Promise.all(work)).flat()).sort(), numbers.map(testId), "promoted and expired");
      await entriesFollow(store, "at the end");
      equal(idsOf(await reserve(store, 50)), numbers.map(testId), "reserved");
    },
  },
];
