import type { Timestamp } from "./clock.ts";
import type { CancelReason, JobHead, JobId, JobState, Topic } from "./job.ts";

/** Which jobs to find; all that is given must hold. Answers come in id order, that is by creation. */
export interface JobQuery {
  readonly state?: JobState | undefined;
  readonly reason?: CancelReason | undefined;
  readonly topic?: Topic | undefined;
  readonly name?: string | undefined;
  /** Each of these tags, with exactly this value. */
  readonly tags?: Readonly<Record<string, string>> | undefined;
  readonly bundle?: JobId | undefined;
  /** Reserved jobs whose lease ends at this instant or earlier. */
  readonly leaseEndsBy?: Timestamp | undefined;
  /** Done and canceled jobs that ended at this instant or earlier. */
  readonly finishedBy?: Timestamp | undefined;
  /** Only jobs with a greater id: the last one of the page before. */
  readonly after?: JobId | undefined;
  /** At most so many; at least 1. */
  readonly limit: number;
}

/** What a job has to have exactly as the query has it. */
const SAME = ["state", "reason", "topic", "name", "bundle"] as const;

/** True when the job answers the query, whatever its `limit`. */
export function matches(query: JobQuery, job: JobHead): boolean {
  const { after = "", leaseEndsBy = Infinity, finishedBy = Infinity, tags } = query;
  const { leaseUntil = Infinity, finishedAt = Infinity } = job;
  return (
    job.id > after &&
    SAME.every((key) => query[key] === undefined || query[key] === job[key]) &&
    leaseUntil <= leaseEndsBy &&
    finishedAt <= finishedBy &&
    (!tags || Object.entries(tags).every(([key, value]) => job.tags?.[key] === value))
  );
}
