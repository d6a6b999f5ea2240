import type { Change, Claim, Job, JobHead, JobId, Refusal, Timestamp, Unit, UnitOutcome } from "@jobq/core";

/** What {@link Writes.settle} returns where nothing had to be waited for: a promise that need not be awaited. */
export const SETTLED: Promise<undefined> = /* @__PURE__ */ Promise.resolve(undefined);

/** A unit that settles a job: one change that asks for its token, maybe with a note on the job, or its purge. */
export interface Settlement extends Pick<Unit, "now" | "note" | "purge"> {
  readonly apply: readonly [Change];
}

/** Every write of the service. Whatever is stored is told to the notifier. */
export interface Writes {
  /** Stores a new job; resolves with its id, or with that of the job that holds its unique key. */
  insert(job: Job): Promise<JobId>;

  /** Reserves ready jobs, as the store does. */
  reserve(claims: readonly Claim[], now: Timestamp): Promise<readonly (readonly Job[])[]>;

  /** Settles a reserved job; resolves with why that is refused, if it is. */
  settle(job: Job, unit: Settlement): Promise<Refusal | undefined>;

  /** As `settle`, for a copy of a job: one that was read, not one that `reserve` returned. */
  settleCopy(job: Job, unit: Settlement): Promise<Refusal | undefined>;

  /** Stores a unit with others. Of those that it removes, the ones in `heads` are told of. */
  commit(unit: Unit, heads?: readonly JobHead[]): Promise<UnitOutcome>;

  /** Writes as part of a transaction of the user's. */
  within(transaction: object): WritesWithin;

  /** Resolves when no write is under way. */
  idle(): Promise<void>;

  /** Rejects the writes that wait for somebody's lock. */
  giveUp(): void;
}

/** Writes that are there if a transaction of the user's commits. */
export interface WritesWithin {
  /** The store's time, asked through the transaction. */
  now(): Promise<Timestamp>;

  /** Stores a unit, or settles `job` by one. It is told to nobody, since nobody knows whether it will be there. */
  commit(unit: Unit, job?: Job): Promise<UnitOutcome>;
}
