import type { Change, Claim, Job, JobHead, JobId, Note, Refusal, Timestamp, Unit, UnitOutcome } from "@jobq/core";

/** What {@link Writes.settle} returns where nothing had to be waited for: a promise that need not be awaited. */
export const SETTLED: Promise<undefined> = /* @__PURE__ */ Promise.resolve(undefined);

/** The unit that settles a job, with a note on it where there is one. */
export function settlement(change: Change, now: Timestamp, note: Note | undefined): Unit {
  return note ? { now, apply: [change], note: [note] } : { now, apply: [change] };
}

/** Every write of the service. Whatever is stored is told to the notifier. */
export interface Writes {
  /** Stores a new job; resolves with its id, or with that of the job that holds its unique key. */
  insert(job: Job): Promise<JobId>;

  /** Reserves ready jobs, as the store does. */
  reserve(claims: readonly Claim[], now: Timestamp): Promise<readonly (readonly Job[])[]>;

  /** Makes a change that asks for the token of a reserved job; resolves with why it is refused, if it is. */
  settle(job: Job, change: Change, now: Timestamp, note?: Note): Promise<Refusal | undefined>;

  /** As `settle`, for a copy of a job: one that was read, not one that `reserve` returned. */
  settleCopy(job: Job, change: Change, now: Timestamp, note?: Note): Promise<Refusal | undefined>;

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
