import type { DirectWrites, QueueStore } from "@jobq/core";
import { memoryJobs } from "@jobq/job-memory";
import { memoryTopics } from "@jobq/pq-memory";
import { compose } from "@jobq/service";
import { TEST_NOW } from "../../src/test-job.ts";
import type { PairMutant } from "./mutant.ts";

/** A store in memory, right but for what it does at once. */
function instantly(change: (right: DirectWrites, store: QueueStore) => Partial<DirectWrites>): PairMutant {
  return class implements QueueStore {
    readonly #store = compose(memoryJobs(), memoryTopics());
    readonly jobs = this.#store.jobs;
    readonly topics = this.#store.topics;
    readonly commit: QueueStore["commit"] = (units) => this.#store.commit(units);
    readonly reserve: QueueStore["reserve"] = (claims, now) => this.#store.reserve(claims, now);
    readonly promote: QueueStore["promote"] = (now, limit) => this.#store.promote(now, limit);
    readonly expire: QueueStore["expire"] = (now, limit) => this.#store.expire(now, limit);
    readonly recover: QueueStore["recover"] = (limit) => this.#store.recover(limit);
    readonly direct: DirectWrites;

    constructor() {
      const right = this.#store.direct as DirectWrites;
      this.direct = { ...right, ...change(right, this.#store) };
    }
  };
}

/** Faults of writes that are done at once. */
export const pairInstantMutants: Readonly<Record<string, PairMutant>> = {
  "inserts a moment after it has said so": instantly((_, store) => ({
    insert(job) {
      queueMicrotask(() => void store.commit([{ now: TEST_NOW, insert: [job] }]));
      return job;
    },
  })),
  "keeps nothing that is inserted at once": instantly(() => ({ insert: (job) => job })),
  "answers at once the job that came, whoever stands for it": instantly((right) => ({
    insert(job) {
      right.insert(job);
      return job;
    },
  })),
  "settles at once whoever asks": instantly((right) => ({
    change: (job, asked, now) => right.change(job, "token" in asked ? { ...asked, token: job.token } : asked, now),
  })),
  "lets a job come back at once that was removed": instantly((right, store) => ({
    change(job, asked, now) {
      const code = right.change(job, asked, now);
      if (code) void store.commit([{ now, insert: [job] }]);
      return code;
    },
  })),
  "changes at once a copy of the job": instantly((right) => ({
    change: (job, asked, now) => right.change({ ...job }, asked, now),
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
        for (const job of jobs) right.change(job, { type: "release", id: job.id, token: job.token }, now);
        return copies;
      }),
  })),
};
