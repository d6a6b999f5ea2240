import type { InstantWrites, Job, QueueStore, UnitOutcome } from "@jobq/core";
import { memoryJobs } from "@jobq/job-memory";
import { memoryTopics } from "@jobq/pq-memory";
import { compose } from "@jobq/service";
import type { PairMutant } from "./mutant.ts";

/** A store in memory, right but for what it does at once. */
function instantly(change: (right: InstantWrites, store: QueueStore) => Partial<InstantWrites>): PairMutant {
  return class implements QueueStore {
    readonly #store = compose(memoryJobs(), memoryTopics());
    readonly jobs = this.#store.jobs;
    readonly topics = this.#store.topics;
    readonly commit: QueueStore["commit"] = (units) => this.#store.commit(units);
    readonly reserve: QueueStore["reserve"] = (claims, now) => this.#store.reserve(claims, now);
    readonly promote: QueueStore["promote"] = (now, limit) => this.#store.promote(now, limit);
    readonly expire: QueueStore["expire"] = (now, limit) => this.#store.expire(now, limit);
    readonly recover: QueueStore["recover"] = (limit) => this.#store.recover(limit);
    readonly instant: InstantWrites;

    constructor() {
      const right = this.#store.instant as InstantWrites;
      this.instant = { ...right, ...change(right, this.#store) };
    }
  };
}

const told = (inserts: readonly Job[]): UnitOutcome => ({
  ok: true,
  inserted: inserts.map(({ id }) => id),
  leftOut: [],
  changed: [],
  removed: [],
});

/** Faults of writes that are done at once. */
export const pairInstantMutants: Readonly<Record<string, PairMutant>> = {
  "inserts a moment after it has said so": instantly((right, store) => ({
    commit(unit): UnitOutcome {
      if (!unit.insert || unit.apply) return right.commit(unit);
      void store.commit([unit]);
      return told(unit.insert);
    },
  })),
  "keeps nothing that is inserted at once": instantly((right) => ({
    commit: (unit) => (unit.insert ? told(unit.insert) : right.commit(unit)),
  })),
  "settles at once whoever asks": instantly((right) => ({
    commit: (unit) =>
      right.commit(
        unit.apply ? { ...unit, apply: unit.apply.map((one) => ("token" in one ? { ...one, token: 1 } : one)) } : unit,
      ),
  })),
  "reserves at once from the first topic alone, for all claims": instantly((right) => ({
    reserve: (claims, now) =>
      right.reserve(
        claims.map((claim) => ({ ...claim, topic: "topic" })),
        now,
      ),
  })),
  "reserves at once without leases": instantly((right) => ({
    reserve: (claims, now) =>
      right.reserve(
        claims.map((claim) => ({ ...claim, leaseMs: 0 })),
        now,
      ),
  })),
  "hands out at once what it does not reserve": instantly((right) => ({
    reserve: (claims, now) =>
      right.reserve(claims, now).map((jobs) => {
        const copies = structuredClone(jobs);
        for (const { id, token } of copies) right.commit({ now, apply: [{ type: "release", id, token }] });
        return copies;
      }),
  })),
};
