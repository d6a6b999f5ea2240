import type { Change, Job, Refusal, Timestamp, UnitOutcome } from "@jobq/core";
import type { ReservedJob } from "./reserved-job.ts";

/** How an attempt failed, for its record. */
export interface Failure {
  readonly outcome: "retried" | "exhausted" | "rejected";
  readonly error: unknown;
}

/** What the holder of a job needs of the service behind it. */
export interface HolderPort {
  readonly now: () => Timestamp;
  /** Brings `now` in line with the store's time; returns undefined when it is. */
  readonly sync: () => Promise<void> | undefined;
  readonly random: () => number;
  readonly encodeResult: (result: unknown) => string | undefined;
  /** Ends the reservation by a guarded change; resolves with why it is refused, if it is. */
  readonly settle: (held: ReservedJob, job: Job, change: Change, failure?: Failure) => Promise<Refusal | undefined>;
  /** Stores a guarded change, and a line in the job's log with it. */
  readonly commit: (change: Change, line?: string) => Promise<UnitOutcome>;
  /** Stores a guarded change in a transaction of the user's. */
  readonly commitWithin: (job: Job, change: Change, transaction: object) => Promise<UnitOutcome>;
  /** Told when the reservation is over for this holder. */
  readonly left: (job: ReservedJob) => void;
}
