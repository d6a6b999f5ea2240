import type { ChangeOf, QueueStore, StoreWithin } from "@jobq/core";
import type { Fact } from "../case.ts";
import { equal, holds } from "../check.ts";
import { change, insert, put, refuse, stored } from "../commit.ts";
import { TEST_NOW, testId, testJob } from "../test-job.ts";
import { entriesFollow, idsOf, reserve, reserveOne, statesOf } from "./follow.ts";

/** How far two clocks that tell the same time may seem apart while a machine is busy. */
const APART_MS = 10_000;

const done = (number: number, token: number): ChangeOf<"done"> => ({ type: "done", id: testId(number), token });

function within(store: QueueStore, transaction: object): StoreWithin {
  const inside = store.within?.(transaction);
  holds(inside !== undefined, "a store inside the transaction");
  return inside;
}

/** The store inside a transaction of its user's. */
export const withinCases: readonly Fact<QueueStore>[] = [
  {
    id: "P-100",
    title: "what is committed within a transaction is there, with its entries, once that has committed",
    needs: "within",
    async run({ store, begin }) {
      const { transaction, commit } = await begin();
      const inside = within(store, transaction);
      await insert(inside, testJob(2), testJob(1, { topic: "other" }));
      await insert(inside, testJob(3, { state: "delayed", runAt: TEST_NOW + 5 }));
      await commit();
      await entriesFollow(store, "after the commit");
      equal(idsOf(await reserve(store, 10)), [testId(2)], "reserved");
      equal(idsOf(await store.promote(TEST_NOW + 5, 10)), [testId(3)], "promoted");
    },
  },
  {
    id: "P-101",
    title: "a transaction that is rolled back leaves no job, no entry and no held key",
    needs: "within",
    async run({ store, begin }) {
      const { transaction, rollback } = await begin();
      await insert(within(store, transaction), testJob(1), testJob(2, { unique: "key" }));
      await rollback();
      equal(await statesOf(store, [testId(1), testId(2)]), [undefined, undefined], "jobs");
      await entriesFollow(store, "after the rollback");
      equal((await put(store, { insert: [testJob(3, { unique: "key" })] })).leftOut, [], "left out");
    },
  },
  {
    id: "P-102",
    title: "a job is settled within a transaction if, and only if, that commits, and still held after a rollback",
    needs: "within",
    async run({ store, begin }) {
      await insert(store, testJob(1), testJob(2));
      const tokens = [(await reserveOne(store)).token, (await reserveOne(store)).token] as const;
      const first = await begin();
      await put(within(store, first.transaction), { apply: [done(1, tokens[0])] });
      await first.commit();
      const second = await begin();
      await put(within(store, second.transaction), { apply: [done(2, tokens[1])] });
      await second.rollback();
      equal(await statesOf(store, [testId(1), testId(2)]), ["done", "reserved"], "states");
      equal((await refuse(store, { apply: [done(1, tokens[0])] })).code, "LEASE_LOST", "the settled one");
      equal((await change(store, done(2, tokens[1]))).state, "done", "the held one");
    },
  },
  {
    id: "P-103",
    title: "a unit that is refused within a transaction leaves its neighbours and the transaction as they are",
    needs: "within",
    async run({ store, begin }) {
      const { transaction, commit } = await begin();
      const inside = within(store, transaction);
      const [, refusal] = await inside.commit([
        { now: TEST_NOW, insert: [testJob(1)] },
        { now: TEST_NOW, insert: [testJob(2)], apply: [done(9, 1)] },
        { now: TEST_NOW, insert: [testJob(3)] },
      ]);
      equal(refusal, { ok: false, code: "JOB_NOT_FOUND", id: testId(9) }, "the refusal");
      await insert(inside, testJob(4));
      await commit();
      equal(idsOf(await reserve(store, 10)), [1, 3, 4].map(testId), "reserved");
    },
  },
  {
    id: "P-104",
    title: "commits within one transaction see each other",
    needs: "within",
    async run({ store, begin }) {
      const { transaction, commit } = await begin();
      const inside = within(store, transaction);
      await insert(inside, testJob(1, { unique: "key" }));
      const [outcome] = await inside.commit([{ now: TEST_NOW, insert: [testJob(2, { unique: "key" })] }]);
      equal(outcome && stored(outcome).inserted, [testId(1)], "who stands for the second");
      await put(inside, { apply: [{ type: "cancel", id: testId(1), reason: "canceled" }] });
      await insert(inside, testJob(3, { unique: "key" }));
      await commit();
      equal(await statesOf(store, [1, 2, 3].map(testId)), ["canceled", undefined, "ready"], "states");
      await entriesFollow(store, "after the commit");
    },
  },
  {
    id: "P-105",
    title: "the time within a transaction is the store's",
    needs: "within",
    async run({ store, begin }) {
      await store.jobs.clock.sync();
      const { transaction, rollback } = await begin();
      const now = await within(store, transaction).now();
      await rollback();
      const apart = Math.abs(store.jobs.clock.now() - now);
      holds(apart < APART_MS, `${now} is ${apart} ms from the store's clock`);
    },
  },
];
