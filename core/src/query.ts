import type { Timestamp } from "./clock.ts";
import {
  type CancelReason,
  heldKey,
  isFinal,
  type JobHead,
  type JobId,
  type JobState,
  type Topic,
  waitsForSlot,
} from "./job.ts";

/** Which jobs to find. They must match every filter. */
export interface JobQuery {
  readonly state?: JobState | undefined;
  /** Jobs that are neither done nor canceled. */
  readonly live?: true | undefined;
  readonly reason?: CancelReason | undefined;
  readonly topic?: Topic | undefined;
  readonly name?: string | undefined;
  /** The job that holds this unique key, see {@link heldKey}. */
  readonly unique?: string | undefined;
  /** Each of these tags, with exactly this value. */
  readonly tags?: Readonly<Record<string, string>> | undefined;
  /** The members of this group. */
  readonly group?: string | undefined;
  /** Delayed jobs that wait for the end of a group. */
  readonly awaitsGroup?: true | undefined;
  /** Jobs with a limit of this key. */
  readonly limitKey?: string | undefined;
  /** Live jobs that hold a slot of their limit's key, or that wait for nothing but one. */
  readonly slot?: "held" | "awaited" | undefined;
  /** Done and canceled jobs that still have to tell others of their end: their `links` are not 0. */
  readonly owes?: true | undefined;
  /** Reserved jobs whose lease ends at this instant or earlier. */
  readonly leaseEndsBy?: Timestamp | undefined;
  /** Reserved jobs that were reserved before this instant. */
  readonly reservedBefore?: Timestamp | undefined;
  /** Done and canceled jobs that ended at this instant or earlier. */
  readonly finishedBy?: Timestamp | undefined;
  /** Done and canceled jobs that ended at this instant or later. */
  readonly finishedFrom?: Timestamp | undefined;
  /** Only jobs whose id is greater than this text: for the next page in the order `oldest`. */
  readonly after?: JobId | undefined;
  /** Only jobs whose id is smaller than this text: for the next page in the order `newest`. */
  readonly before?: JobId | undefined;
  /** By id, that is, by creation: the `oldest` first, the default, or the `newest` first. */
  readonly order?: "oldest" | "newest" | undefined;
  /** The largest number of jobs to return; at least 1. */
  readonly limit: number;
}

/** What a job has to have exactly as the query has it. */
const SAME = ["state", "reason", "topic", "name", "group"] as const;

/** True if the job matches every filter of the query; ignores `limit` and `order`. */
export function matches(query: JobQuery, job: JobHead): boolean {
  const { after = "", before, tags, unique, limitKey } = query;
  return (
    job.id > after &&
    (before === undefined || job.id < before) &&
    SAME.every((key) => query[key] === undefined || query[key] === job[key]) &&
    isInTime(query, job) &&
    waitsAsAsked(query, job) &&
    (unique === undefined || heldKey(job) === unique) &&
    (limitKey === undefined || job.limit?.key === limitKey) &&
    (!tags || Object.entries(tags).every(([key, value]) => job.tags?.[key] === value))
  );
}

function isInTime(query: JobQuery, { state, leaseUntil, reservedAt, finishedAt }: JobHead): boolean {
  const { leaseEndsBy, reservedBefore, finishedBy, finishedFrom } = query;
  const isReserved = state === "reserved";
  return (
    (leaseEndsBy === undefined || (isReserved && leaseUntil !== undefined && leaseUntil <= leaseEndsBy)) &&
    (reservedBefore === undefined || (isReserved && reservedAt !== undefined && reservedAt < reservedBefore)) &&
    (finishedBy === undefined || (finishedAt !== undefined && finishedAt <= finishedBy)) &&
    (finishedFrom === undefined || (finishedAt !== undefined && finishedAt >= finishedFrom))
  );
}

function waitsAsAsked({ live, awaitsGroup, slot, owes }: JobQuery, job: JobHead): boolean {
  return (
    (!live || !isFinal(job.state)) &&
    (!awaitsGroup || (job.state === "delayed" && !!job.awaits)) &&
    (slot !== "held" || job.slot !== undefined) &&
    (slot !== "awaited" || waitsForSlot(job)) &&
    (!owes || (isFinal(job.state) && job.links !== undefined))
  );
}
