import {
  type Claim,
  type Job,
  type JobHead,
  type JobId,
  type JobqError,
  monotonicOf,
  type QueueStore,
  type Refusal,
  storedInserts,
  type Timestamp,
  type Unit,
  type UnitOutcome,
} from "@jobq/core";
import type { Notifier } from "../events/notifier.ts";
import { type Commit, GroupCommit } from "./group-commit.ts";
import { LockedUnits } from "./locked-units.ts";
import { requireStored } from "./refusal-error.ts";
import { storeWithin } from "./within.ts";
import type { Settlement, Writes, WritesWithin } from "./writes.ts";

/** Writes that leave together: for stores where each one takes time. */
export class BatchedWrites implements Writes {
  readonly #store: QueueStore;
  readonly #notifier: Notifier;
  readonly #commits: GroupCommit;

  /** @param lockMs how long a unit is tried that is locked */
  constructor(store: QueueStore, notifier: Notifier, lockMs: number) {
    this.#store = store;
    this.#notifier = notifier;
    const commit: Commit = async (units) => {
      const outcomes = await store.commit(units).catch((error) => {
        if ((error as Partial<JobqError>)?.code !== "PAYLOAD_TOO_LARGE") notifier.failed(); // of which nothing is stored
        throw error;
      });
      for (const [index, outcome] of outcomes.entries()) notifier.committed(units[index] as Unit, outcome);
      return outcomes;
    };
    this.#commits = new GroupCommit(commit, new LockedUnits(commit, monotonicOf(store.jobs.clock), lockMs));
  }

  async insert(job: Job): Promise<JobId> {
    const outcome = await this.#commits.commit({ now: job.createdAt, insert: [job] });
    return requireStored(outcome).inserted[0] as JobId;
  }

  async reserve(claims: readonly Claim[], now: Timestamp): Promise<readonly (readonly Job[])[]> {
    const reserved = await this.#store.reserve(claims, now);
    for (const jobs of reserved) for (const job of jobs) this.#notifier.told(job, "reserve", now);
    return reserved;
  }

  settle(job: Job, unit: Settlement): Promise<Refusal | undefined> {
    return this.settleCopy(job, unit);
  }

  async settleCopy(_job: Job, unit: Settlement): Promise<Refusal | undefined> {
    const outcome = await this.#commits.commit(unit);
    return outcome.ok ? undefined : outcome;
  }

  async commit(unit: Unit, heads: readonly JobHead[] = []): Promise<UnitOutcome> {
    const outcome = await this.#commits.commit(unit);
    if (outcome.ok && heads.length > 0) {
      const removed = new Set(outcome.removed);
      for (const head of heads) if (removed.has(head.id)) this.#notifier.changed(head, "remove", unit.now);
    }
    return outcome;
  }

  within(transaction: object): WritesWithin {
    const store = storeWithin(this.#store, transaction);
    return {
      now: () => store.now(),
      commit: async (unit) => {
        const outcome = (await store.commit([unit]))[0] as UnitOutcome;
        if (outcome.ok) {
          for (const job of [...storedInserts(unit, outcome), ...outcome.changed]) this.#notifier.expect(job);
        }
        return outcome;
      },
    };
  }

  idle(): Promise<void> {
    return this.#commits.idle();
  }

  giveUp(): void {
    this.#commits.giveUp();
  }
}
