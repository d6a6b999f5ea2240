import { type ChangeType, JobqError, type Refusal } from "@jobq/core";

/** The error that a refusal is to whoever asked for the change. */
export function refused({ code, id, job, holder }: Refusal, doing: ChangeType | "insert" | "remove"): JobqError {
  const state = job?.state ?? "gone";
  const why = {
    JOB_NOT_FOUND: "does not exist",
    LEASE_LOST: `is no longer held: it is ${state}`,
    INVALID_STATE: `is ${state}, which does not allow ${doing}`,
    DUPLICATE_JOB: `shares its unique key with job ${holder}`,
  };
  return new JobqError(code, `job ${id} ${why[code]}`, { details: { id, doing, state, holder } });
}
