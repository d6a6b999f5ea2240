import { JobqError, type JobqErrorCode, type JobqErrorDetails } from "@jobq/core";
import { type AttemptError, attemptError } from "../../module.ts";
import { NoRetry, RetryAfter } from "../../retry/index.ts";

/** Errors that are recorded: a run that fails by one fails by it again, however often it is tried. */
const recorded = new WeakSet<Error>();

/** As much of what was thrown as is recorded; of `NoRetry` and `RetryAfter`, of the error they were thrown for. */
export function recordedError(error: unknown): AttemptError {
  const why = isSaid(error) && error.cause instanceof Error ? error.cause : error;
  return attemptError(why === undefined ? "undefined was thrown" : why) as AttemptError;
}

function isSaid(error: unknown): error is NoRetry | RetryAfter {
  return error instanceof NoRetry || error instanceof RetryAfter;
}

/** The error that a step throws into the code of its run: the same when it fails as whenever it is replayed. */
export function restoredError({ name, message, stack, data }: AttemptError, isFinal: boolean): Error {
  const { code, details } = (data ?? {}) as { readonly code?: JobqErrorCode; readonly details?: JobqErrorDetails };
  const isOurs = name === "JobqError" && code !== undefined;
  const error = isOurs ? new JobqError(code, message, details ? { details } : {}) : new Error(message);
  if (!isOurs) Object.assign(error, data, name === "Error" ? undefined : { name });
  error.stack = stack ?? `${name}: ${message}`; // never that of the code which restores it
  if (isFinal) recorded.add(error);
  return error;
}

/** True for an error that a replay throws again, or that was thrown because of one. */
export function isRecordedFailure(error: unknown): boolean {
  for (let one = error, depth = 0; one instanceof Error && depth < 10; one = one.cause, depth++) {
    if (recorded.has(one)) return true;
  }
  return false;
}
