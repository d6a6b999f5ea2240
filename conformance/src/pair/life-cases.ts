import type { Change, QueueStore } from "@jobq/core";
import type { Fact } from "../case.ts";
import { equal } from "../check.ts";
import { change, commitAll, insert, put, refuse } from "../commit.ts";
import { TEST_NOW, testId, testJob, testJobs } from "../test-job.ts";
import { entriesFollow, idsOf, reserve, reserveOne, statesOf } from "./follow.ts";

const first = testId(1);

/** Everything that the holder of a token may ask for. */
const asHolder = (token: number): Change[] => [
  { type: "extend", id: first, token, until: TEST_NOW + 900_000 },
  { type: "extend", id: first, token },
  { type: "done", id: first, token },
  { type: "retry", id: first, token },
  { type: "release", id: first, token },
  { type: "suspend", id: first, token, at: TEST_NOW + 9 },
  { type: "cancel", id: first, token, reason: "rejected" },
];

/** Fails unless the holder of the token can do nothing any more. */
async function isOver(store: QueueStore, token: number, when: string): Promise<void> {
  const before = await store.jobs.get([first]);
  const note = { id: first, kind: "checkpoint", key: "late", value: "v", at: TEST_NOW } as const;
  const outcomes = await commitAll(
    store,
    asHolder(token).map((one) => ({ apply: [one], note: [note] })),
  );
  equal(
    outcomes.map((outcome) => (outcome.ok ? "stored" : outcome.code)),
    outcomes.map(() => "LEASE_LOST"),
    `a stale holder ${when}`,
  );
  equal(await store.jobs.get([first]), before, `the job ${when}`);
  equal(await store.jobs.notes(first, "checkpoint"), [], `checkpoints ${when}`);
  await entriesFollow(store, when);
}

/** Reservations and how they end. */
export const lifeCases: readonly Fact<QueueStore>[] = [
  {
    id: "P-60",
    title: "a done job is final: it is not reserved again and nothing but a reset or removal changes it",
    async run({ store }) {
      await insert(store, testJob(1));
      await reserveOne(store);
      await change(store, { type: "done", id: first, token: 1, result: "fine" });
      const before = await store.jobs.get([first]);
      equal([before[0]?.state, before[0]?.result], ["done", "fine"], "state and result");
      await isOver(store, 1, "of a done job");
      for (const type of ["promote", "expire"] as const)
        equal((await refuse(store, { apply: [{ type, id: first }] })).code, "INVALID_STATE", type);
      equal(
        (await refuse(store, { apply: [{ type: "cancel", id: first, reason: "canceled" }] })).code,
        "INVALID_STATE",
        "cancel",
      );
      equal([await reserve(store, 1), await store.expire(TEST_NOW + 99_999, 5)], [[], []], "reserve and expire");
      equal(await store.jobs.get([first]), before, "the job");
    },
  },
  {
    id: "P-61",
    title: "a retried job waits until its instant, keeps its place by id, and counts its attempts",
    async run({ store }) {
      await insert(store, ...testJobs(3));
      await reserveOne(store);
      await change(store, { type: "retry", id: first, token: 1, at: TEST_NOW + 50, error: "failed" });
      await entriesFollow(store, "after the retry");
      equal(idsOf(await reserve(store, 1)), [testId(2)], "while it waits");
      equal(idsOf(await store.promote(TEST_NOW + 50, 5)), [first], "promoted");
      const [again] = await reserve(store, 1, "topic", TEST_NOW + 50);
      equal([again?.id, again?.attempt, again?.token, again?.error], [first, 2, 2, "failed"], "reserved again");
    },
  },
  {
    id: "P-62",
    title: "a job has its retries and one attempt more, then it is canceled as exhausted",
    async run({ store }) {
      await insert(store, testJob(1, { maxRetries: 2 }));
      const states: string[] = [];
      for (let attempt = 1; attempt <= 3; attempt += 1) {
        const { token } = await reserveOne(store);
        const { state, reason } = await change(store, { type: "retry", id: first, token, error: `failure ${attempt}` });
        states.push(reason ?? state);
      }
      equal(states, ["ready", "ready", "exhausted"], "states");
      equal(idsOf(await store.jobs.find({ reason: "exhausted", limit: 5 })), [first], "found as exhausted");
      equal(await reserve(store, 5), [], "reserve");
      await entriesFollow(store, "at the end");
    },
  },
  {
    id: "P-63",
    title: "releasing and suspending cost no attempt, however often",
    async run({ store }) {
      await insert(store, testJob(1, { maxRetries: 0 }));
      for (let round = 1; round <= 5; round += 1) {
        const held = await reserveOne(store);
        equal([held.attempt, held.token], [1, round * 2 - 1], `attempt and token of round ${round}`);
        await change(store, { type: "release", id: first, token: held.token });
        const { token } = await reserveOne(store);
        await change(store, { type: "suspend", id: first, token, at: TEST_NOW + round });
        await entriesFollow(store, "while suspended");
        equal(idsOf(await store.promote(TEST_NOW + round, 5)), [first], "promoted");
      }
      const { token } = await reserveOne(store);
      equal((await change(store, { type: "done", id: first, token })).attempt, 1, "attempts in all");
    },
  },
  {
    id: "P-64",
    title: "a job that waits for others is ready when the last of them has ended",
    async run({ store }) {
      await insert(store, testJob(1, { state: "delayed", blockers: [testId(2), testId(3)] }), testJob(2));
      await entriesFollow(store, "while it waits for two");
      await change(store, { type: "unblock", id: first, by: testId(3) });
      await change(store, { type: "unblock", id: first, by: testId(3) });
      await entriesFollow(store, "while it waits for one");
      const held = await reserveOne(store);
      await put(store, {
        apply: [
          { type: "done", id: held.id, token: 1 },
          { type: "unblock", id: first, by: held.id },
        ],
      });
      await entriesFollow(store, "when it waits for none");
      equal(idsOf(await reserve(store, 5)), [first], "reserved");
    },
  },
  {
    id: "P-65",
    title: "a job that waits for others and an instant is due at the instant once they have ended",
    async run({ store }) {
      await insert(store, testJob(1, { state: "delayed", blockers: [testId(2)], runAt: TEST_NOW + 20 }));
      equal(await store.promote(TEST_NOW + 20, 5), [], "while it waits");
      await change(store, { type: "unblock", id: first, by: testId(2) });
      await entriesFollow(store, "when it waits for the instant alone");
      equal(idsOf(await store.promote(TEST_NOW + 20, 5)), [first], "promoted");
    },
  },
  {
    id: "P-66",
    title: "a canceled job is not reserved, promoted or expired, and its holder can do nothing any more",
    async run({ store }) {
      await insert(store, ...testJobs(3), testJob(4, { state: "delayed", runAt: TEST_NOW }));
      await reserveOne(store);
      for (const number of [1, 2, 4]) await change(store, { type: "cancel", id: testId(number), reason: "canceled" });
      await isOver(store, 1, "of a canceled job");
      equal(idsOf(await reserve(store, 10)), [testId(3)], "reserve");
      equal(await store.promote(TEST_NOW, 10), [], "promote");
      equal(idsOf(await store.expire(TEST_NOW + 30_000, 10)), [testId(3)], "expire");
    },
  },
  {
    id: "P-67",
    title: "a reset job begins anew, with a new token",
    async run({ store }) {
      await insert(store, testJob(1, { maxRetries: 0 }));
      await reserveOne(store);
      await change(store, { type: "retry", id: first, token: 1, error: "failed" });
      await change(store, { type: "reset", id: first });
      await entriesFollow(store, "after the reset");
      const job = await reserveOne(store);
      equal([job.token, job.attempt, job.resetCount, job.error], [2, 1, 1, undefined], "reserved again");
      await isOver(store, 1, "of a job that was reset");
    },
  },
  {
    id: "P-68",
    title: "a holder whose lease was lost can do nothing, also when the job is reserved again",
    async run({ store }) {
      await insert(store, testJob(1, { timeoutMs: 10 }));
      await reserveOne(store);
      await store.expire(TEST_NOW + 10, 5);
      await isOver(store, 1, "after the loss");
      equal((await reserveOne(store, "topic", TEST_NOW + 10)).token, 2, "token");
      await isOver(store, 1, "after the next reservation");
      equal(
        (await change(store, { type: "done", id: first, token: 2 }, TEST_NOW + 11)).state,
        "done",
        "the new holder",
      );
    },
  },
  {
    id: "P-69",
    title: "a reservation whose lease has ended is its holder's until it is expired",
    async run({ store }) {
      await insert(store, testJob(1, { timeoutMs: 10 }));
      await reserveOne(store);
      await change(store, { type: "extend", id: first, token: 1, until: TEST_NOW + 100 }, TEST_NOW + 50);
      equal(await store.expire(TEST_NOW + 60, 5), [], "expire");
      equal(await statesOf(store, [first]), ["reserved"], "state");
    },
  },
  {
    id: "P-70",
    title: "one unique key has one live job, which others can replace when it has ended",
    async run({ store }) {
      const keyed = (number: number) => testJob(number, { unique: "key" });
      const outcomes = await commitAll(
        store,
        [1, 2, 3].map((number) => ({ insert: [keyed(number)] })),
      );
      equal(
        outcomes.map((outcome) => outcome.ok && outcome.inserted),
        [[first], [first], [first]],
        "inserted",
      );
      await entriesFollow(store, "after the inserts");
      await reserveOne(store);
      await put(store, { apply: [{ type: "done", id: first, token: 1 }] });
      equal((await put(store, { insert: [keyed(4)] })).inserted, [testId(4)], "the next");
      equal(
        (await refuse(store, { apply: [{ type: "reset", id: first }] })).code,
        "DUPLICATE_JOB",
        "a reset of the first",
      );
      equal(idsOf(await reserve(store, 5)), [testId(4)], "reserved");
      await entriesFollow(store, "at the end");
    },
  },
];
