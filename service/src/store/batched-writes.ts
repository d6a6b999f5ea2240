import {
  type Change,
  type Claim,
  type Job,
  type JobHead,
  type JobId,
  type QueueStore,
  type Refusal,
  storedInserts,
  type Timestamp,
  type Unit,
  type UnitOutcome,
} from "@jobq/core";
import type { Notifier } from "../events/notifier.ts";
import { GroupCommit } from "./group-commit.ts";
import { requireStored } from "./refusal-error.ts";
import type { UnitExtensions } from "./unit-extensions.ts";
import { storeWithin } from "./within.ts";
import type { Writes, WritesWithin } from "./writes.ts";

/** Writes that leave together: for stores where each one takes time. */
export class BatchedWrites implements Writes {
  readonly #store: QueueStore;
  readonly #notifier: Notifier;
  readonly #extensions: UnitExtensions;
  readonly #commits: GroupCommit;

  constructor(store: QueueStore, notifier: Notifier, extensions: UnitExtensions) {
    this.#store = store;
    this.#notifier = notifier;
    this.#extensions = extensions;
    this.#commits = new GroupCommit(async (units) => {
      const outcomes = await store.commit(units);
      for (const [index, outcome] of outcomes.entries()) notifier.committed(units[index] as Unit, outcome);
      return outcomes;
    });
  }

  async insert(job: Job): Promise<JobId> {
    const outcome = await this.#commit({ now: job.createdAt, insert: [job] });
    return requireStored(outcome).inserted[0] as JobId;
  }

  async reserve(claims: readonly Claim[], now: Timestamp): Promise<Job[][]> {
    const reserved = await this.#store.reserve(claims, now);
    for (const jobs of reserved) for (const job of jobs) this.#notifier.told(job, "reserve", now);
    return reserved;
  }

  async settle(job: Job, change: Change, now: Timestamp): Promise<Refusal | undefined> {
    const unit = { now, apply: [change] };
    const outcome = this.#extensions.wants(job, change.type)
      ? await this.#extensions.commit(unit, [{ job, what: change.type }], (extended) => this.#commits.commit(extended))
      : await this.#commits.commit(unit);
    return outcome.ok ? undefined : outcome;
  }

  settleCopy(job: Job, change: Change, now: Timestamp): Promise<Refusal | undefined> {
    return this.settle(job, change, now);
  }

  async commit(unit: Unit, heads: readonly JobHead[] = []): Promise<UnitOutcome> {
    const outcome = await this.#commit(unit);
    if (outcome.ok && heads.length > 0) {
      const removed = new Set(outcome.removed);
      for (const head of heads) if (removed.has(head.id)) this.#notifier.changed(head, "remove", unit.now);
    }
    return outcome;
  }

  within(transaction: object): WritesWithin {
    const store = storeWithin(this.#store, transaction);
    const commit = async (unit: Unit): Promise<UnitOutcome> => {
      const outcome = (await store.commit([unit]))[0] as UnitOutcome;
      if (outcome.ok) {
        for (const job of [...storedInserts(unit, outcome), ...outcome.changed]) this.#notifier.expect(job);
      }
      return outcome;
    };
    return {
      now: () => store.now(),
      commit: (unit, job) => {
        const change = unit.apply?.[0];
        const subjects =
          job && change && this.#extensions.wants(job, change.type)
            ? [{ job, what: change.type }]
            : this.#extensions.inserts(unit);
        return subjects.length > 0 ? this.#extensions.commit(unit, subjects, commit, transaction) : commit(unit);
      },
    };
  }

  idle(): Promise<void> {
    return this.#commits.idle();
  }

  #commit(unit: Unit): Promise<UnitOutcome> {
    const subjects = this.#extensions.inserts(unit);
    if (subjects.length === 0) return this.#commits.commit(unit);
    return this.#extensions.commit(unit, subjects, (extended) => this.#commits.commit(extended));
  }
}
