import {
  checkOptions,
  type Duration,
  dataOfBackoff,
  durationMs,
  type Job,
  type OptionNames,
  outOfRange,
  STANDARD_BACKOFF,
  wrongType,
} from "@jobq/core";
import { checkInteger } from "./check.ts";
import { leaseMs } from "./lease-ms.ts";
import { type Priority, weightOf } from "./priority.ts";

/** What a job takes from its service unless it says otherwise. */
export interface JobDefaults {
  /** Retries after the first attempt; 50. */
  readonly maxRetries?: number | undefined;
  /** How long a reservation holds that does not ask for another lease; 2 hours. */
  readonly timeout?: Duration | undefined;
  /** The delays between attempts, doubled each time, spread over a quarter; 30 seconds to 60 minutes. */
  readonly backoff?: { readonly min?: Duration | undefined; readonly max?: Duration | undefined } | undefined;
  /** Lost leases after which the job is canceled as `poison`; 3. */
  readonly maxLeaseLosses?: number | undefined;
  /** int16, lower runs first; 0. */
  readonly weight?: number | undefined;
  /** Instead of `weight`: critical is -200, high -100, normal 0, low 100, bulk 200. */
  readonly priority?: Priority | undefined;
}

/** What {@link JobDefaults} there are. */
export const JOB_DEFAULTS: OptionNames<JobDefaults> = {
  maxRetries: true,
  timeout: true,
  backoff: true,
  maxLeaseLosses: true,
  weight: true,
  priority: true,
};

const BACKOFF_OPTIONS = { min: true, max: true } as const;

/** What {@link JobDefaults} come to, in the units of a job. */
export interface JobSettings extends Pick<Job, "weight" | "maxRetries" | "maxLeaseLosses" | "timeoutMs" | "data"> {
  readonly backoffMinMs: number;
  readonly backoffMaxMs: number;
}

const MAX_RETRIES = 1_000_000;
const INT16 = [-32_768, 32_767] as const;

/** The settings of a service whose options say nothing. */
export const DEFAULT_JOB_SETTINGS: JobSettings = {
  weight: 0,
  maxRetries: 50,
  maxLeaseLosses: 3,
  timeoutMs: 7_200_000,
  backoffMinMs: STANDARD_BACKOFF.minMs,
  backoffMaxMs: STANDARD_BACKOFF.maxMs,
  data: undefined,
};

/**
 * The settings that result from `options` over `base`.
 * @throws {TypeError | RangeError} an option that means nothing
 */
export function jobSettings(options: JobDefaults, base: JobSettings): JobSettings {
  const { priority, maxRetries = base.maxRetries, maxLeaseLosses = base.maxLeaseLosses } = options;
  const { timeout = base.timeoutMs, backoff = {} } = options;
  checkOptions(backoff, BACKOFF_OPTIONS, "backoff");
  const { min = base.backoffMinMs, max } = backoff;
  const backoffMinMs = durationMs(min, "backoff.min");
  const backoffMaxMs = durationMs(max ?? Math.max(base.backoffMaxMs, backoffMinMs), "backoff.max");
  if (backoffMinMs > backoffMaxMs) throw outOfRange("backoff.min", `at most backoff.max, ${backoffMaxMs} ms`, min);
  const { weight = priority === undefined ? base.weight : weightOf(priority) } = options;
  if (priority !== undefined && options.weight !== undefined) {
    throw wrongType("weight", "left out when priority is given", weight);
  }
  return {
    weight: checkInteger(weight, "weight", ...INT16),
    maxRetries: checkInteger(maxRetries, "maxRetries", 0, MAX_RETRIES),
    maxLeaseLosses: checkInteger(maxLeaseLosses, "maxLeaseLosses", 1, MAX_RETRIES),
    timeoutMs: leaseMs(timeout, "timeout"),
    backoffMinMs,
    backoffMaxMs,
    data: dataOfBackoff(backoffMinMs, backoffMaxMs),
  };
}
