import type {
  Change,
  Claim,
  InstantWrites,
  Job,
  JobHead,
  JobId,
  Refusal,
  Timestamp,
  Unit,
  UnitOutcome,
} from "@jobq/core";
import type { Notifier } from "../events/notifier.ts";
import type { UnitExtensions } from "./unit-extensions.ts";
import { SETTLED, type Writes, type WritesWithin } from "./writes.ts";

/** Writes of one job that are done at once, where the store has such; whatever has more to it is left to another. */
export class DirectWrites implements Writes {
  readonly #direct: InstantWrites;
  readonly #others: Writes;
  readonly #notifier: Notifier;
  readonly #extensions: UnitExtensions;

  constructor(direct: InstantWrites, others: Writes, notifier: Notifier, extensions: UnitExtensions) {
    this.#direct = direct;
    this.#others = others;
    this.#notifier = notifier;
    this.#extensions = extensions;
  }

  insert(job: Job): Promise<JobId> {
    if (this.#extensions.wants(job, "insert")) return this.#others.insert(job);
    const standIn = this.#direct.insert(job);
    if (standIn === job) this.#notifier.told(job, "insert", job.createdAt);
    return Promise.resolve(standIn.id);
  }

  async reserve(claims: readonly Claim[], now: Timestamp): Promise<readonly (readonly Job[])[]> {
    const reserved = this.#direct.reserve(claims, now);
    for (const jobs of reserved) for (const job of jobs) this.#notifier.told(job, "reserve", now);
    return reserved;
  }

  settle(job: Job, change: Change, now: Timestamp): Promise<Refusal | undefined> {
    if (this.#extensions.wants(job, change.type)) return this.#others.settle(job, change, now);
    const code = this.#direct.change(job, change, now);
    if (code) return Promise.resolve({ ok: false, code, id: job.id, job });
    this.#notifier.told(job, change.type, now);
    return SETTLED;
  }

  settleCopy(job: Job, change: Change, now: Timestamp): Promise<Refusal | undefined> {
    return this.#others.settle(job, change, now);
  }

  commit(unit: Unit, heads?: readonly JobHead[]): Promise<UnitOutcome> {
    return this.#others.commit(unit, heads);
  }

  within(transaction: object): WritesWithin {
    return this.#others.within(transaction);
  }

  idle(): Promise<void> {
    return this.#others.idle();
  }
}
