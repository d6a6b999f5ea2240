import { type Change, monotonicOf, type QueueStore, type UnitOutcome } from "@jobq/core";
import type { Fact, OpenTransaction } from "../case.ts";
import { equal, Fault, holds } from "../check.ts";
import { commitAll, insert, put, reserveAll, stored, type UnitParts } from "../commit.ts";
import { TEST_NOW, testId, testJob } from "../test-job.ts";
import { statesOf } from "./follow.ts";

/** Much longer than a store waits for a lock, much shorter than people leave transactions open. */
const SOON_MS = 2_000;

const done = (number: number): Change => ({ type: "done", id: testId(number), token: 1 });
const extend = (number: number): Change => ({ type: "extend", id: testId(number), token: 1, until: TEST_NOW + 1e6 });

/** Jobs 1 to 3, which are reserved. */
async function heldJobs(store: QueueStore): Promise<void> {
  await insert(store, ...[1, 2, 3].map((number) => testJob(number)));
  await reserveAll(store, [1, 2, 3].map(testId));
}

/** Begins a transaction that stores the unit. */
async function beginWith(store: QueueStore, begin: () => Promise<OpenTransaction>, unit: UnitParts) {
  const open = await begin();
  const inside = store.within?.(open.transaction);
  holds(inside !== undefined, "a store inside the transaction");
  await put(inside, unit);
  return open;
}

/** What becomes of the units while the transaction is open; ends it when that takes too long. */
async function beside(open: OpenTransaction, store: QueueStore, units: readonly UnitParts[]): Promise<UnitOutcome[]> {
  let isLate = false;
  const commit = commitAll(store, units);
  const undo = monotonicOf(store.jobs.clock).after(SOON_MS, () => {
    isLate = true;
    void open.rollback();
  });
  const outcomes = await commit;
  undo();
  if (isLate) throw new Fault(`the commit waited for the transaction, for over ${SOON_MS} ms`);
  return outcomes;
}

const codesOf = (outcomes: readonly UnitOutcome[]) => outcomes.map((outcome) => (outcome.ok ? "stored" : outcome.code));

/** What becomes of units that need what somebody's open transaction has locked. */
export const lockCases: readonly Fact<QueueStore>[] = [
  {
    id: "P-106",
    title:
      "a unit on a job that a transaction has locked is LOCKED, soon, with nothing stored; its neighbours are stored",
    needs: "rowLocks",
    async run({ store, begin }) {
      await heldJobs(store);
      const open = await beginWith(store, begin, { apply: [done(1)] });
      const outcomes = await beside(open, store, [
        { insert: [testJob(4)] },
        { insert: [testJob(5)], apply: [extend(3), done(1)], note: [noteOn(3)] },
        { apply: [done(2)] },
      ]);
      equal(codesOf(outcomes), ["stored", "LOCKED", "stored"], "outcomes");
      equal((outcomes[1] as { id?: string }).id, testId(1), "the locked job");
      equal(await statesOf(store, [2, 3, 4, 5].map(testId)), ["done", "reserved", "ready", undefined], "states");
      equal(await store.jobs.notes(testId(3)), [], "notes");
      await open.rollback();
      await put(store, { insert: [testJob(5)], apply: [extend(3), done(1)], note: [noteOn(3)] });
    },
  },
  {
    id: "P-107",
    title:
      "a unit that wants a key which a transaction has taken is LOCKED, and finds the holder once that has committed",
    needs: "rowLocks",
    async run({ store, begin }) {
      const open = await beginWith(store, begin, { insert: [testJob(1, { unique: "locked" })] });
      const outcomes = await beside(open, store, [
        { insert: [testJob(2, { unique: "unlocked" })] },
        { insert: [testJob(3, { unique: "locked" })] },
        { insert: [testJob(4)] },
      ]);
      equal(codesOf(outcomes), ["stored", "LOCKED", "stored"], "outcomes");
      await open.commit();
      equal((await put(store, { insert: [testJob(3, { unique: "locked" })] })).inserted, [testId(1)], "who holds it");
    },
  },
  {
    id: "P-108",
    title: "later units of a commit that share a job with a LOCKED one are LOCKED as well, so that their order stays",
    needs: "rowLocks",
    async run({ store, begin }) {
      await heldJobs(store);
      const open = await beginWith(store, begin, { apply: [done(1)] });
      const units = [{ apply: [extend(2), extend(1)] }, { apply: [done(2)] }, { apply: [done(3)] }];
      equal(codesOf(await beside(open, store, units)), ["LOCKED", "LOCKED", "stored"], "outcomes");
      await open.rollback();
      for (const outcome of await commitAll(store, units.slice(0, 2))) stored(outcome);
    },
  },
  {
    id: "P-109",
    title: "a purge passes over jobs that are locked, and forgets the others",
    needs: "rowLocks",
    async run({ store, begin }) {
      await heldJobs(store);
      await commitAll(store, [{ apply: [done(1), done(2), done(3)] }]);
      const open = await beginWith(store, begin, { apply: [{ type: "reset", id: testId(1) }] });
      const purge = [1, 2, 3].map(testId);
      const [outcome] = await beside(open, store, [{ purge }]);
      equal([...stored(outcome as UnitOutcome).removed].sort(), [2, 3].map(testId), "purged beside it");
      await open.rollback();
      equal((await put(store, { purge })).removed, [testId(1)], "purged afterwards");
    },
  },
];

const noteOn = (number: number) => ({ id: testId(number), kind: "log", key: "1", value: "line", at: TEST_NOW });
