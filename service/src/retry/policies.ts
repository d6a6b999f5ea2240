import { checkOptions, type Duration, durationMs } from "@jobq/core";
import { checkType } from "../input/check.ts";
import { checkRetryPolicy, type RetryPolicy } from "../input/retry-policy.ts";

const LONGEST: Duration = "1h";
const CONSTANT = { jitter: true } as const;
const LINEAR = { min: true, max: true, jitter: true } as const;
const EXPONENTIAL = { ...LINEAR, factor: true } as const;

/**
 * The same delay before every retry, lengthened at random by up to `jitter` (0.1) times itself.
 * @throws {TypeError | RangeError} not a duration; a `jitter` below 0 or above 10
 */
export function constant(delay: Duration, options: { readonly jitter?: number | undefined } = {}): RetryPolicy {
  checkOptions(options, CONSTANT);
  const { jitter = 0.1 } = options;
  const min = durationMs(delay, "delay");
  return checkRetryPolicy({ type: "constant", min, max: Math.ceil(min * (1 + jitter)), factor: 1, jitter });
}

/**
 * `min` before the first retry, twice that before the second, three times before the third, up to `max` (1 hour). Each
 * is spread at random: the longest is `1 + jitter` (0.25) times the shortest.
 * @throws {TypeError | RangeError} not durations; `max` below `min`; a `jitter` below 0 or above 10
 */
export function linear(options: {
  readonly min: Duration;
  readonly max?: Duration | undefined;
  readonly jitter?: number | undefined;
}): RetryPolicy {
  checkOptions(checkType(options, "object", "options"), LINEAR);
  const { min, max = LONGEST, jitter = 0.25 } = options;
  const [minMs, maxMs] = [durationMs(min, "min"), durationMs(max, "max")];
  return checkRetryPolicy({ type: "linear", min: minMs, max: maxMs, factor: 1, jitter });
}

/**
 * `min` before the first retry, multiplied by `factor` (2) for each further one, up to `max` (1 hour). Each is spread at
 * random: the longest is `1 + jitter` (0.25) times the shortest.
 * @throws {TypeError | RangeError} not durations; `max` below `min`; a `factor` below 1 or above 1,000; a `jitter` below
 * 0 or above 10
 */
export function exponential(options: {
  readonly min: Duration;
  readonly max?: Duration | undefined;
  readonly factor?: number | undefined;
  readonly jitter?: number | undefined;
}): RetryPolicy {
  checkOptions(checkType(options, "object", "options"), EXPONENTIAL);
  const { min, max = LONGEST, factor = 2, jitter = 0.25 } = options;
  const [minMs, maxMs] = [durationMs(min, "min"), durationMs(max, "max")];
  return checkRetryPolicy({ type: "exponential", min: minMs, max: maxMs, factor, jitter });
}
