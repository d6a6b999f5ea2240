import { type ChangeType, type JobId, JobqError, type Refusal, type UnitOutcome, type UnitStored } from "@jobq/core";

/** The error that the caller who asked for the change gets for a refusal. */
export function refusalError(
  { code, id, job, holder }: Omit<Refusal, "ok">,
  doing: ChangeType | "insert" | "remove" | "result" | "signal",
): JobqError {
  if (code === "LOCKED") return lockedError(id, 0); // which the writes of a service wait for themselves
  const state = job?.state ?? "gone";
  const key = job?.unique === undefined ? "" : ` "${job.unique}"`;
  const not = doing === "signal" ? "and takes no signals" : `which does not allow ${doing}`;
  const why = {
    JOB_NOT_FOUND: "does not exist",
    LEASE_LOST: `is no longer held: it is ${state}`,
    INVALID_STATE: `is ${state}, ${not}`,
    DUPLICATE_JOB: `shares its unique key${key} with job ${holder}`,
  };
  return new JobqError(code, `job ${id} ${why[code]}`, { details: { id, doing, state, holder } });
}

/** The error of a write that was locked by somebody's transaction for too long. */
export function lockedError(id: JobId | undefined, waitedMs: number): JobqError {
  const text = `job ${id} is locked by an open transaction of somebody's, still after ${waitedMs} ms`;
  return new JobqError("STORE_FAILED", text, { details: { kind: "locked", id, waitedMs } });
}

/** @throws {JobqError} what the outcome says when it is a refusal */
export function requireStored(outcome: UnitOutcome, doing: ChangeType | "insert" = "insert"): UnitStored {
  if (outcome.ok) return outcome;
  throw refusalError(outcome, doing);
}
