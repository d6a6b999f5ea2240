import { checkOptions, type Duration, type OptionNames } from "@jobq/core";
import { checkInteger, checkRetryPolicy, checkType, leaseMs, type RetryPolicy } from "../../module.ts";
import { exponential } from "../../retry/index.ts";

/** The options of a step. */
export interface StepOptions {
  /** Number of tries after the first. For a step 0; for a call as in its definition, or 3. */
  readonly retries?: number | undefined;
  /**
   * A policy of `@jobq/service/retry` for the pauses between tries; as in the definition, or 1 second to 1 minute,
   * doubled.
   */
  readonly backoff?: RetryPolicy | undefined;
  /** How long one try may take; as in the definition, or without limit. */
  readonly timeout?: Duration | undefined;
}

/** How a step is tried, checked. */
export interface TryPolicy {
  readonly retries: number;
  readonly backoff: RetryPolicy;
  readonly timeoutMs: number | undefined;
}

const OPTIONS: OptionNames<StepOptions> = { retries: true, backoff: true, timeout: true };
const MAX_RETRIES = 1_000_000;

/** From 1 second, doubled each time, up to a minute. */
export const BACKOFF: RetryPolicy = exponential({ min: "1s", max: "1m" });

/** What holds where the options do not say. */
export interface BasePolicy {
  readonly retries: number;
  readonly backoff?: RetryPolicy | undefined;
  readonly timeoutMs?: number | undefined;
}

/** @throws {TypeError | RangeError} an invalid option */
export function tryPolicy(options: StepOptions, base: BasePolicy): TryPolicy {
  checkOptions(checkType(options, "object", "options"), OPTIONS);
  const { retries = base.retries, backoff = base.backoff ?? BACKOFF, timeout } = options;
  return {
    retries: checkInteger(retries, "retries", 0, MAX_RETRIES),
    backoff: checkRetryPolicy(backoff),
    timeoutMs: timeout === undefined ? base.timeoutMs : leaseMs(timeout, "timeout"),
  };
}
