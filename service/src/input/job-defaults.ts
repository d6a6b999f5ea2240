import { checkOptions, type Duration, durationMs, type Job, type OptionNames, outOfRange, wrongType } from "@jobq/core";
import { checkInteger } from "./check.ts";
import { encodeJobData } from "./job-data.ts";
import { leaseMs } from "./lease-ms.ts";
import { type Priority, weightOf } from "./priority.ts";
import { checkRetryPolicy, type RetryPolicy, STANDARD_RETRY } from "./retry-policy.ts";
import { checkOwnTopic } from "./topic-names.ts";

/** The options of jobs for which a service has defaults. */
export interface JobDefaults {
  /** Number of retries after the first attempt, from 0 to 1,000,000; 50. */
  readonly maxRetries?: number | undefined;
  /** The lease of a reservation that does not ask for another one; 2 hours. */
  readonly timeout?: Duration | undefined;
  /** The delay between attempts. It doubles each time and is spread by a quarter; 30 seconds to 60 minutes. */
  readonly backoff?: { readonly min?: Duration | undefined; readonly max?: Duration | undefined } | undefined;
  /** A retry policy of `@jobq/service/retry`; instead of `backoff`. */
  readonly retry?: RetryPolicy | undefined;
  /** The topic that gets a copy of the job if it ends as `exhausted` or `poison`; none. */
  readonly onExhausted?: { readonly topic: string } | undefined;
  /** Number of lost leases after which the job is canceled as `poison`, at least 1; 3. */
  readonly maxLeaseLosses?: number | undefined;
  /** From -32,768 to 32,767; a lower weight runs first; 0. */
  readonly weight?: number | undefined;
  /** A name for a weight, instead of `weight`: critical is -200, high -100, normal 0, low 100, bulk 200. */
  readonly priority?: Priority | undefined;
}

/** What {@link JobDefaults} there are. */
export const JOB_DEFAULTS: OptionNames<JobDefaults> = {
  maxRetries: true,
  timeout: true,
  backoff: true,
  retry: true,
  onExhausted: true,
  maxLeaseLosses: true,
  weight: true,
  priority: true,
};

const BACKOFF_OPTIONS = { min: true, max: true } as const;
const DEAD_LETTER_OPTIONS = { topic: true } as const;

/** What {@link JobDefaults} come to, in the units of a job. */
export interface JobSettings extends Pick<Job, "weight" | "maxRetries" | "maxLeaseLosses" | "timeoutMs" | "data"> {
  readonly retry: RetryPolicy;
  readonly deadLetter: string | undefined;
}

const MAX_RETRIES = 1_000_000;
const INT16 = [-32_768, 32_767] as const;

/** The settings of a service whose options say nothing. */
export const DEFAULT_JOB_SETTINGS: JobSettings = {
  weight: 0,
  maxRetries: 50,
  maxLeaseLosses: 3,
  timeoutMs: 7_200_000,
  retry: STANDARD_RETRY,
  deadLetter: undefined,
  data: undefined,
};

/**
 * The settings that result from `options` over `base`.
 * @throws {TypeError | RangeError} an invalid option
 */
export function jobSettings(options: JobDefaults, base: JobSettings): JobSettings {
  const { priority, maxRetries = base.maxRetries, maxLeaseLosses = base.maxLeaseLosses } = options;
  const { timeout = base.timeoutMs } = options;
  const retry = retryOf(options, base.retry);
  const deadLetter = deadLetterOf(options, base.deadLetter);
  const { weight = priority === undefined ? base.weight : weightOf(priority) } = options;
  if (priority !== undefined && options.weight !== undefined) {
    throw wrongType("weight", "left out when priority is given", weight);
  }
  return {
    weight: checkInteger(weight, "weight", ...INT16),
    maxRetries: checkInteger(maxRetries, "maxRetries", 0, MAX_RETRIES),
    maxLeaseLosses: checkInteger(maxLeaseLosses, "maxLeaseLosses", 1, MAX_RETRIES),
    timeoutMs: leaseMs(timeout, "timeout"),
    retry,
    deadLetter,
    data: retry === base.retry && deadLetter === base.deadLetter ? base.data : dataOf(retry, deadLetter),
  };
}

/** @throws {TypeError | RangeError} an invalid option */
export function checkJobDefaults(options: JobDefaults): void {
  jobSettings(options, DEFAULT_JOB_SETTINGS);
}

function retryOf({ retry, backoff }: JobDefaults, base: RetryPolicy): RetryPolicy {
  if (retry !== undefined) {
    if (backoff !== undefined) throw wrongType("backoff", "left out when retry is given", backoff);
    return checkRetryPolicy(retry);
  }
  if (backoff === undefined) return base;
  checkOptions(backoff, BACKOFF_OPTIONS, "backoff");
  const min = durationMs(backoff.min ?? base.min, "backoff.min");
  const max = durationMs(backoff.max ?? Math.max(base.max, min), "backoff.max");
  if (min > max) throw outOfRange("backoff.min", `at most backoff.max, ${max} ms`, backoff.min);
  return { ...STANDARD_RETRY, min, max };
}

function deadLetterOf({ onExhausted }: JobDefaults, base: string | undefined): string | undefined {
  if (onExhausted === undefined) return base;
  checkOptions(onExhausted, DEAD_LETTER_OPTIONS, "onExhausted");
  return checkOwnTopic(onExhausted.topic, "onExhausted.topic");
}

function dataOf(retry: RetryPolicy, deadLetter: string | undefined): string | undefined {
  return encodeJobData({ retry: isStandard(retry) ? undefined : retry, deadLetter });
}

function isStandard(policy: RetryPolicy): boolean {
  return (Object.keys(STANDARD_RETRY) as (keyof RetryPolicy)[]).every((key) => policy[key] === STANDARD_RETRY[key]);
}
