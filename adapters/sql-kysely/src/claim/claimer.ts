import type { Claim, Job, JobHead, Timestamp } from "@jobq/core";
import type { MovesWatcher } from "../hints/moves.ts";
import type { Executor } from "../session/sql-session.ts";

/** Picks jobs by what they are and changes them in the same step; returns them as they are then, in any order. */
export interface Claimer extends MovesWatcher {
  /** @param claims each of another topic */
  reserve(executor: Executor, claims: readonly Claim[], now: Timestamp): Promise<Job[]>;
  promote(executor: Executor, now: Timestamp, limit: number): Promise<JobHead[]>;
  expire(executor: Executor, now: Timestamp, limit: number): Promise<JobHead[]>;
}
