import { backoffOf, type JobHead, outOfRange, STANDARD_BACKOFF, wrongType } from "@jobq/core";
import { checkType } from "./check.ts";
import { jobData } from "./job-data.ts";

/**
 * Says when a job is retried. It is data stored with the job, so every process can apply it. Made by
 * `@jobq/service/retry`.
 */
export interface RetryPolicy {
  readonly type: "constant" | "linear" | "exponential";
  /** Milliseconds before the first retry. */
  readonly min: number;
  /** The longest delay, in milliseconds. */
  readonly max: number;
  /** Multiplies each further delay of an exponential policy. */
  readonly factor: number;
  /** By how much delays of equal rank vary: the longest is `1 + jitter` times the shortest. */
  readonly jitter: number;
}

/** From 30 seconds, doubled each time, up to an hour, spread over a quarter. */
export const STANDARD_RETRY: RetryPolicy = {
  type: "exponential",
  min: STANDARD_BACKOFF.minMs,
  max: STANDARD_BACKOFF.maxMs,
  factor: 2,
  jitter: 0.25,
};

const LONGEST_MS = 8.64e15;
const MAX_FACTOR = 1000;
const MAX_JITTER = 10;

/**
 * The policy, checked.
 * @throws {TypeError | RangeError} not a policy
 */
export function checkRetryPolicy(policy: RetryPolicy): RetryPolicy {
  const { type, min, max, factor, jitter } = checkType(policy, "object", "retry");
  if (!["constant", "linear", "exponential"].includes(type)) {
    throw wrongType("retry", "made by constant, linear or exponential", type ?? policy);
  }
  between(factor, "retry.factor", 1, MAX_FACTOR);
  between(jitter, "retry.jitter", 0, MAX_JITTER);
  between(min, "retry.min", 0, LONGEST_MS);
  between(max, "retry.max", min, LONGEST_MS); // last: `constant` makes it of the others
  return { type, min, max, factor, jitter };
}

/** The policy that is kept with the job; the standard where none is, or one that cannot be read. */
export function retryPolicyOf(job: Pick<JobHead, "data">): RetryPolicy {
  const { retry } = jobData(job);
  if (!retry) return STANDARD_RETRY;
  try {
    return checkRetryPolicy(retry);
  } catch {
    const { minMs, maxMs } = backoffOf(job.data);
    return { ...STANDARD_RETRY, min: minMs, max: maxMs };
  }
}

function between(value: number, what: string, least: number, most: number): void {
  checkType(value, "number", what);
  if (!(value >= least && value <= most)) throw outOfRange(what, `from ${least} to ${most}`, value);
}
