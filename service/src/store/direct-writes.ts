import type { Claim, DirectWrites as DirectStoreWrites, Job, JobId, QueueStore, Refusal, Timestamp } from "@jobq/core";
import type { Notifier } from "../events/notifier.ts";
import { BatchedWrites } from "./batched-writes.ts";
import { SETTLED, type Settlement } from "./writes.ts";

/**
 * Writes of one job that are done at once, where the store has such; whatever has more to it is batched. Purges of what
 * is settled are left to those who look for many jobs from time to time, which costs less.
 */
export class DirectWrites extends BatchedWrites {
  readonly #direct: DirectStoreWrites;
  readonly #notifier: Notifier;

  constructor(direct: DirectStoreWrites, store: QueueStore, notifier: Notifier, lockMs: number) {
    super(store, notifier, lockMs);
    this.#direct = direct;
    this.#notifier = notifier;
  }

  override insert(job: Job): Promise<JobId> {
    const standIn = this.#direct.insert(job);
    if (standIn === job) this.#notifier.told(job, "insert", job.createdAt);
    return Promise.resolve(standIn.id);
  }

  override async reserve(claims: readonly Claim[], now: Timestamp): Promise<readonly (readonly Job[])[]> {
    const reserved = this.#direct.reserve(claims, now);
    for (const jobs of reserved) for (const job of jobs) this.#notifier.told(job, "reserve", now);
    return reserved;
  }

  override settle(job: Job, unit: Settlement): Promise<Refusal | undefined> {
    if (unit.note) return super.settle(job, unit);
    const { now, apply } = unit;
    const change = apply[0];
    const code = this.#direct.change(job, change, now);
    if (code) return Promise.resolve({ ok: false, code, id: job.id, job });
    this.#notifier.told(job, change.type, now);
    return SETTLED;
  }
}
