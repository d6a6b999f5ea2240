import type { InstantWrites, QueueStore } from "@jobq/core";
import type { Case } from "../case.ts";
import { equal } from "../check.ts";
import { TEST_NOW, testJobs } from "../test-job.ts";
import { expectedTrace } from "./expected-trace.ts";
import { entriesFollow, idsOf } from "./follow.ts";
import { tracePair } from "./script.ts";

const instantOf = (store: QueueStore): InstantWrites => store.instant as InstantWrites;

/** The store, committing and reserving by what it offers at once; copied, since who uses it may keep what it answers. */
export function atOnce(store: QueueStore): QueueStore {
  const { jobs, topics } = store;
  const { commit, reserve } = instantOf(store);
  return {
    jobs,
    topics,
    commit: async (units) => units.map((unit) => structuredClone(commit(structuredClone(unit)))),
    reserve: async (claims, now) => structuredClone(reserve(claims, now)) as Awaited<ReturnType<QueueStore["reserve"]>>,
    promote: (now, limit) => store.promote(now, limit),
    expire: (now, limit) => store.expire(now, limit),
    recover: (limit) => store.recover(limit),
  };
}

/** The writes that a store does at once. */
export const instantCases: readonly Case<QueueStore>[] = [
  {
    id: "P-110",
    title: "what is written at once leaves the trace of P-90",
    needs: "instant",
    async run({ store }) {
      equal(await tracePair(atOnce(store)), expectedTrace, "trace");
    },
  },
  {
    id: "P-111",
    title: "what is written at once is there when the call returns, for every other way to it",
    needs: "instant",
    async run({ store }) {
      const { commit, reserve } = instantOf(store);
      const now = TEST_NOW;
      const ids = testJobs(3).map(({ id }) => id);
      for (const job of testJobs(3)) commit({ now, insert: [job] });
      const taken = reserve([{ topic: "topic", limit: 2, by: "me" }], now).map(idsOf);
      const held = store.jobs.find({ state: "reserved", limit: 10 });
      equal(taken, [ids.slice(0, 2)], "reserved at once");
      equal(idsOf(await held), ids.slice(0, 2), "found");
      await entriesFollow(store, "after a reservation at once");
      equal((await store.reserve([{ topic: "topic", limit: 5, by: "me" }], now)).map(idsOf), [[ids[2]]], "the rest");
    },
  },
];
