import type { Change, Job, JobRepository, JobState, Refusal, Timestamp } from "@jobq/core";

/** Told of a job that has changed, and of the state and `runAt` it had; undefined when it was not there. */
export type Moved = (job: Job, from: JobState | undefined, runAt: Timestamp | undefined) => void;

/** What topics in the same process need in order to hold the jobs themselves, instead of entries with their ids. */
export interface MemoryInternals {
  /** Whose internals it is: something that only passes calls on is another repository. */
  readonly repository: JobRepository;
  /**
   * Calls `moved` with every job, as the store itself holds it, and from now on with each that changes. It is not to be
   * changed but by `change`; one that was removed looks canceled.
   */
  follow(moved: Moved): void;
  /** Makes the change on such a job, or returns why it is refused. */
  change(job: Job, asked: Change, now: Timestamp): Refusal["code"] | undefined;
  /** Takes the job over, unless its id is there or its unique key is held; returns the one that stands for it. */
  insert(job: Job): Job;
}
