import { type Duration, durationMs, type Job, type JobId, outOfRange, type Timestamp, wrongType } from "@jobq/core";
import type { WriteOptions } from "../store/within.ts";
import { checkInteger, checkName, checkOptions, checkType } from "./check.ts";

/** What a job takes from its service unless it says otherwise. */
export interface JobDefaults {
  /** Retries after the first attempt; 50. */
  readonly maxRetries?: number;
  /** How long a reservation holds that does not ask for another lease; 2 hours. */
  readonly timeout?: Duration;
  /** The delays between attempts, doubled each time, spread over a quarter; 30 seconds to 60 minutes. */
  readonly backoff?: { readonly min?: Duration; readonly max?: Duration };
  /** Lost leases after which the job is canceled as `poison`; 3. */
  readonly maxLeaseLosses?: number;
  /** int16, lower runs first; 0. */
  readonly weight?: number;
}

/** How a job is to be run. */
export interface EnqueueOptions extends JobDefaults, WriteOptions {
  /** Not before so long from now. */
  readonly delay?: Duration;
  /** Not before this instant; instead of `delay`. */
  readonly at?: Date | Timestamp;
  /** While a job with this key is neither done nor canceled, enqueueing another answers that one's id. */
  readonly unique?: string;
  /** Which handler runs it; by default the topic. */
  readonly name?: string;
  /** Small words to find it by: at most 32, names and values of 1 to 255 characters. */
  readonly tags?: Readonly<Record<string, string>>;
}

const NO_OPTIONS: EnqueueOptions = {};
const MAX_RETRIES = 1_000_000;
const MAX_TAGS = 32;
const INT16 = [-32_768, 32_767] as const;

/** What {@link JobDefaults} come to, in the units of a job. */
export type JobSettings = Pick<
  Job,
  "weight" | "maxRetries" | "maxLeaseLosses" | "timeoutMs" | "backoffMinMs" | "backoffMaxMs"
>;

/** The rules of a service whose options say nothing. */
export const DEFAULT_JOB_SETTINGS: JobSettings = {
  weight: 0,
  maxRetries: 50,
  maxLeaseLosses: 3,
  timeoutMs: 7_200_000,
  backoffMinMs: 30_000,
  backoffMaxMs: 3_600_000,
};

/** The rules that result from `options` over `base`. */
export function jobSettings(options: JobDefaults, base: JobSettings): JobSettings {
  const { weight = base.weight, maxRetries = base.maxRetries, maxLeaseLosses = base.maxLeaseLosses } = options;
  const { timeout = base.timeoutMs, backoff = {} } = options;
  const { min = base.backoffMinMs, max } = checkType(backoff, "object", "backoff");
  const backoffMinMs = durationMs(min, "backoff.min");
  const backoffMaxMs = durationMs(max ?? Math.max(base.backoffMaxMs, backoffMinMs), "backoff.max");
  if (backoffMinMs > backoffMaxMs) throw outOfRange("backoff.min", `at most backoff.max, ${backoffMaxMs} ms`, min);
  return {
    weight: checkInteger(weight, "weight", ...INT16),
    maxRetries: checkInteger(maxRetries, "maxRetries", 0, MAX_RETRIES),
    maxLeaseLosses: checkInteger(maxLeaseLosses, "maxLeaseLosses", 1, MAX_RETRIES),
    timeoutMs: leaseMs(timeout, "timeout"),
    backoffMinMs,
    backoffMaxMs,
  };
}

/** A lease is at least a millisecond long. */
export function leaseMs(lease: Duration, what = "lease"): number {
  const ms = durationMs(lease, what);
  if (ms > 0) return ms;
  throw outOfRange(what, "longer than nothing", lease);
}

/** The job that somebody asks for, checked whole. */
export function newJob(
  id: JobId,
  topic: string,
  payload: string,
  options: EnqueueOptions | undefined,
  base: JobSettings,
  now: Timestamp,
): Job {
  checkOptions(options);
  const own = options ? jobSettings(options, base) : base;
  const { name, unique, tags } = options ?? NO_OPTIONS;
  const at = options && runAt(options, now);
  const runAtOrNow = at !== undefined && at > now ? at : undefined;
  // Every field is named, in one order, so that all jobs are of one shape to the engine.
  return {
    id,
    topic,
    name: name === undefined ? topic : checkName(name, "name"),
    weight: own.weight,
    createdAt: now,
    maxRetries: own.maxRetries,
    maxLeaseLosses: own.maxLeaseLosses,
    timeoutMs: own.timeoutMs,
    backoffMinMs: own.backoffMinMs,
    backoffMaxMs: own.backoffMaxMs,
    unique: unique === undefined ? undefined : checkName(unique, "unique"),
    tags: tags === undefined ? undefined : checkTags(tags),
    bundle: undefined,
    state: runAtOrNow === undefined ? "ready" : "delayed",
    token: 0,
    attempt: 0,
    leaseLosses: 0,
    resetCount: 0,
    runAt: runAtOrNow,
    blockers: undefined,
    leaseUntil: undefined,
    reservedAt: undefined,
    reservedBy: undefined,
    finishedAt: undefined,
    reason: undefined,
    error: undefined,
    progress: undefined,
    payload,
    result: undefined,
  };
}

function runAt({ delay, at }: EnqueueOptions, now: Timestamp): Timestamp | undefined {
  if (at === undefined) return delay === undefined ? undefined : now + durationMs(delay, "delay");
  if (delay !== undefined) throw wrongType("at", "left out when delay is given", at);
  const instant = at instanceof Date ? at.getTime() : at;
  if (typeof instant !== "number") throw wrongType("at", "a Date or epoch milliseconds", at);
  if (!Number.isSafeInteger(instant) || instant < 0 || instant > 8.64e15) {
    throw outOfRange("at", "an instant after 1970", at);
  }
  return instant;
}

/** @throws {TypeError | RangeError} tags that are not a small record of strings */
export function checkTags(tags: Readonly<Record<string, string>>): Record<string, string> {
  if (Array.isArray(checkType(tags, "object", "tags"))) throw wrongType("tags", "a record of strings", tags);
  const entries = Object.entries(tags);
  checkInteger(entries.length, "the number of tags", 0, MAX_TAGS);
  return Object.fromEntries(
    entries.map(([key, value]) => [checkName(key, "a tag's name"), checkName(value, `tag ${key}`)]),
  );
}
