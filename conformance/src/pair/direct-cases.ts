import type { Change, DirectWrites, Job, JobId, QueueStore, Timestamp, Unit, UnitOutcome } from "@jobq/core";
import type { Fact } from "../case.ts";
import { equal, holds } from "../check.ts";
import { TEST_NOW, testJob, testJobs } from "../test-job.ts";
import { expectedTrace } from "./expected-trace.ts";
import { entriesFollow, idsOf } from "./follow.ts";
import { tracePair } from "./script.ts";

const directOf = (store: QueueStore): DirectWrites => store.direct as DirectWrites;

/**
 * The store, doing whatever it offers at once by way of that; copied, since who uses it may keep and change what it is
 * given.
 */
export function atOnce(store: QueueStore): QueueStore {
  const { jobs, topics } = store;
  const { insert, reserve, change } = directOf(store);
  /** As the store itself has them, by id, whether held or not. */
  const held = new Map<JobId, Job>();

  const insertOne = (given: Job): UnitOutcome => {
    const job = structuredClone(given);
    const standIn = insert(job);
    const leftOut = standIn === job ? [] : [given.id];
    return { ok: true, inserted: [standIn.id], leftOut, changed: [], removed: [] };
  };
  const changeOne = (job: Job, asked: Change, now: Timestamp): UnitOutcome => {
    const code = change(job, structuredClone(asked), now);
    const after = structuredClone(job);
    if (code) return { ok: false, code, id: job.id, job: after };
    return { ok: true, inserted: [], leftOut: [], changed: [after], removed: [] };
  };
  const commitOne = async (unit: Unit): Promise<UnitOutcome> => {
    const { now, insert: inserts = [], apply = [], note = [], remove = [], purge = [] } = unit;
    const isSingle = inserts.length + apply.length + note.length + remove.length + purge.length === 1;
    const [job, asked] = [inserts[0], apply[0]];
    const holding = asked && "token" in asked ? held.get(asked.id) : undefined;
    if (isSingle && job) return insertOne(job);
    if (isSingle && asked && holding) return changeOne(holding, asked, now);
    for (const id of [...remove, ...purge]) held.delete(id);
    return (await store.commit([unit]))[0] as UnitOutcome;
  };

  return {
    jobs,
    topics,
    async commit(units) {
      const outcomes: UnitOutcome[] = [];
      for (const unit of units) outcomes.push(await commitOne(unit));
      return outcomes;
    },
    async reserve(claims, now) {
      const taken = reserve(claims, now);
      for (const job of taken.flat()) held.set(job.id, job);
      return structuredClone(taken) as Job[][];
    },
    promote: (now, limit) => store.promote(now, limit),
    expire: (now, limit) => store.expire(now, limit),
    recover: (limit) => store.recover(limit),
  };
}

/** The writes that a store does at once. */
export const directCases: readonly Fact<QueueStore>[] = [
  {
    id: "P-110",
    title: "what is written at once leaves the trace of P-90",
    needs: "direct",
    async run({ store }) {
      equal(await tracePair(atOnce(store)), expectedTrace, "trace");
    },
  },
  {
    id: "P-111",
    title: "what is written at once is there when the call returns, for every other way to it",
    needs: "direct",
    async run({ store }) {
      const { insert, reserve } = directOf(store);
      const now = TEST_NOW;
      const ids = testJobs(3).map(({ id }) => id);
      for (const job of testJobs(3)) insert(job);
      const taken = reserve([{ topic: "topic", limit: 2, by: "me" }], now).map(idsOf);
      const held = store.jobs.find({ state: "reserved", limit: 10 });
      equal(taken, [ids.slice(0, 2)], "reserved at once");
      equal(idsOf(await held), ids.slice(0, 2), "found");
      await entriesFollow(store, "after a reservation at once");
      equal((await store.reserve([{ topic: "topic", limit: 5, by: "me" }], now)).map(idsOf), [[ids[2]]], "the rest");
    },
  },
  {
    id: "P-112",
    title: "insert at once returns the job itself, or the one that has its id or its unique key",
    needs: "direct",
    async run({ store }) {
      const { insert } = directOf(store);
      const job = testJob(1, { unique: "key" });
      holds(insert(job) === job, "the job that was stored");
      equal(insert(testJob(1)).id, job.id, "who has the id");
      equal(insert(testJob(2, { unique: "key" })).id, job.id, "who holds the unique key");
      equal(idsOf(await store.jobs.find({ limit: 10 })), [job.id], "stored");
      await entriesFollow(store, "after inserts at once");
    },
  },
  {
    id: "P-113",
    title: "change at once refuses an older token, and a job that is gone, and changes nothing then",
    needs: "direct",
    async run({ store }) {
      const { insert, reserve, change } = directOf(store);
      const now = TEST_NOW;
      const take = (): Job => reserve([{ topic: "topic", limit: 1, by: "me" }], now)[0]?.[0] as Job;
      const { id } = insert(testJob(1));
      const job = take();
      equal(change(job, { type: "release", id, token: 1 }, now), undefined, "by its holder");
      equal(take().id, id, "reserved again");
      equal(change(job, { type: "done", id, token: 1 }, now), "LEASE_LOST", "by the last holder");
      equal(
        (await store.jobs.find({ state: "reserved", limit: 10 })).map(({ token }) => token),
        [2],
        "still held",
      );
      await store.commit([{ now, remove: [id] }]);
      equal(change(job, { type: "done", id, token: 2 }, now), "LEASE_LOST", "when it is gone");
      equal(await store.jobs.find({ limit: 10 }), [], "not back");
    },
  },
];
