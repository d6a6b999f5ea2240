import type { JobHead, JobId } from "./job.ts";

/** Why a unit was not stored. The store is unchanged. */
export interface Refusal {
  readonly ok: false;
  /**
   * `LOCKED` comes only from stores that declare `rowLocks`: an open transaction has locked what the unit needs; try it
   * again.
   */
  readonly code: "JOB_NOT_FOUND" | "LEASE_LOST" | "INVALID_STATE" | "DUPLICATE_JOB" | "LOCKED";
  /** The job whose guard failed, or that is locked; for a locked key, the job that would take it. */
  readonly id: JobId;
  /** That job as stored, or as the unit had changed it so far; undefined if there is none. */
  readonly job?: JobHead | undefined;
  /** For `DUPLICATE_JOB`: the job that holds the unique key or the slot. */
  readonly holder?: JobId;
}
