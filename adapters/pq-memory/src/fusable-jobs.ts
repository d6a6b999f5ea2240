import type { Change, Job, JobRepository, JobState, Refusal, Timestamp } from "@jobq/core";

/** What jobs in memory offer to topics in the same process. */
export interface MemoryInternals {
  /** Whose internals it is: something that only passes calls on is another repository. */
  readonly repository: JobRepository;
  /**
   * Calls `moved` with every job, as the store itself holds it, and from now on with each that changes, and the state
   * and `runAt` that it had, undefined when it was not there. One that was removed looks canceled.
   */
  follow(moved: (job: Job, from: JobState | undefined, runAt: Timestamp | undefined) => void): void;
  /** Makes the change on such a job, or returns why it is refused. */
  change(job: Job, asked: Change, now: Timestamp): Refusal["code"] | undefined;
  /** Takes the job over, unless its id is there or its unique key is held; returns the one that stands for it. */
  insert(job: Job): Job;
}

/** A job repository that topics in memory can be fused with. */
export interface FusableJobs extends JobRepository {
  readonly internals: MemoryInternals;
}

/** Whether it is one. */
export function isFusable(jobs: JobRepository): jobs is FusableJobs {
  const { internals } = jobs as Partial<FusableJobs>;
  return internals?.repository === jobs && typeof internals.follow === "function"; // SQL's have others
}
