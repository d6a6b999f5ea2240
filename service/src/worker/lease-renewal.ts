import { type Clock, Deadline, type JobqError } from "@jobq/core";
import type { Report, ReservedJob } from "../module.ts";

/**
 * Renews the leases of all jobs that a worker holds, a third of a lease after it began and again from then on: renewals
 * of one moment leave together. One that is refused was lost, which its holder learns from its signal.
 */
export class LeaseRenewal {
  readonly #clock: Clock;
  readonly #leaseMs: number;
  readonly #report: Report;
  readonly #held = new Set<ReservedJob>();
  #unset: (() => void) | undefined;

  constructor(clock: Clock, leaseMs: number, report: Report) {
    this.#clock = clock;
    this.#leaseMs = leaseMs;
    this.#report = report;
  }

  add(job: ReservedJob): void {
    this.#held.add(job);
    if (!this.#unset) this.#arm();
  }

  /** True from when it was added until it is settled, given back or lost. */
  has(job: ReservedJob): boolean {
    return this.#held.has(job);
  }

  delete(job: ReservedJob): void {
    this.#held.delete(job);
  }

  stop(): void {
    this.#unset?.();
    this.#unset = undefined;
    this.#held.clear();
  }

  #arm(): void {
    const third = new Deadline(this.#clock, Math.max(1, Math.floor(this.#leaseMs / 3)));
    this.#unset = third.onOver(() => this.#renew(), true);
  }

  #renew(): void {
    this.#unset = undefined;
    if (this.#held.size === 0) return;
    for (const job of this.#held) job.extend(this.#leaseMs).catch((error) => this.#failed(job, error));
    this.#arm();
  }

  /** Anything but a loss is tried again with the next renewal. */
  #failed(job: ReservedJob, error: unknown): void {
    if (!this.#held.has(job)) return;
    const { code, details } = error as Partial<JobqError>;
    if (details?.within === true) return; // done, if that transaction commits
    if (code === "LEASE_LOST" || code === "INVALID_STATE") this.#held.delete(job);
    else this.#report(error, "renewing a lease");
  }
}
