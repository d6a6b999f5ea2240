import { type Duration, durationMs, type Job, type JobId, received, type Timestamp } from "@jobq/core";
import { checkInteger, checkName, checkOptions } from "./check.ts";

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
export interface EnqueueOptions extends JobDefaults {
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
const MOST_RETRIES = 1_000_000;
const MOST_TAGS = 32;
const INT16 = [-32_768, 32_767] as const;

/** What {@link JobDefaults} come to, in the units of a job. */
export type Rules = Pick<
  Job,
  "weight" | "maxRetries" | "maxLeaseLosses" | "timeoutMs" | "backoffMinMs" | "backoffMaxMs"
>;

/** The rules of a service whose options say nothing. */
export const STANDARD_RULES: Rules = {
  weight: 0,
  maxRetries: 50,
  maxLeaseLosses: 3,
  timeoutMs: 7_200_000,
  backoffMinMs: 30_000,
  backoffMaxMs: 3_600_000,
};

/** The rules that result from `options` over `base`. */
export function rules(options: JobDefaults, base: Rules): Rules {
  const { weight, maxRetries, maxLeaseLosses, timeout, backoff } = options;
  checkOptions(backoff, "backoff");
  const backoffMinMs = backoff?.min === undefined ? base.backoffMinMs : durationMs(backoff.min, "backoff.min");
  const backoffMaxMs =
    backoff?.max === undefined ? Math.max(base.backoffMaxMs, backoffMinMs) : durationMs(backoff.max, "backoff.max");
  if (backoffMinMs > backoffMaxMs) {
    throw new RangeError(
      `backoff.min must not be longer than backoff.max, got ${backoffMinMs} ms and ${backoffMaxMs} ms`,
    );
  }
  return {
    weight: weight === undefined ? base.weight : checkInteger(weight, "weight", ...INT16),
    maxRetries: maxRetries === undefined ? base.maxRetries : checkInteger(maxRetries, "maxRetries", 0, MOST_RETRIES),
    maxLeaseLosses:
      maxLeaseLosses === undefined
        ? base.maxLeaseLosses
        : checkInteger(maxLeaseLosses, "maxLeaseLosses", 1, MOST_RETRIES),
    timeoutMs: timeout === undefined ? base.timeoutMs : leaseMs(timeout, "timeout"),
    backoffMinMs,
    backoffMaxMs,
  };
}

/** A lease is at least a millisecond long. */
export function leaseMs(lease: Duration, what = "lease"): number {
  const ms = durationMs(lease, what);
  if (ms > 0) return ms;
  throw new RangeError(`${what} must be longer than nothing, got ${received(lease)}`);
}

/** The job that somebody asks for, checked whole. */
export function newJob(
  id: JobId,
  topic: string,
  payload: string,
  options: EnqueueOptions | undefined,
  base: Rules,
  now: Timestamp,
): Job {
  checkOptions(options, "options");
  const { weight, maxRetries, maxLeaseLosses, timeoutMs, backoffMinMs, backoffMaxMs } = options
    ? rules(options, base)
    : base;
  const { name, unique, tags } = options ?? NO_OPTIONS;
  const at = options && runAt(options, now);
  const runAtOrNow = at !== undefined && at > now ? at : undefined;
  // Every field is named, in one order, so that all jobs are of one shape to the engine.
  return {
    id,
    topic,
    name: name === undefined ? topic : checkName(name, "name"),
    weight,
    createdAt: now,
    maxRetries,
    maxLeaseLosses,
    timeoutMs,
    backoffMinMs,
    backoffMaxMs,
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
  if (delay !== undefined)
    throw new TypeError(`give delay or at, not both, got ${received(delay)} and ${received(at)}`);
  const instant = at instanceof Date ? at.getTime() : at;
  if (typeof instant !== "number") throw new TypeError(`at must be a Date or epoch milliseconds, got ${received(at)}`);
  if (!Number.isSafeInteger(instant) || instant < 0 || instant > 8.64e15) {
    throw new RangeError(`at must be an instant after 1970, got ${received(at)}`);
  }
  return instant;
}

/** @throws {TypeError | RangeError} tags that are not a small record of strings */
export function checkTags(tags: Readonly<Record<string, string>>): Record<string, string> {
  if (typeof tags !== "object" || tags === null || Array.isArray(tags))
    throw new TypeError(`tags must be an object, got ${received(tags)}`);
  const entries = Object.entries(tags);
  if (entries.length > MOST_TAGS) throw new RangeError(`a job has at most ${MOST_TAGS} tags, got ${entries.length}`);
  return Object.fromEntries(
    entries.map(([key, value]) => [checkName(key, "a tag's name"), checkName(value, `tag ${key}`)]),
  );
}
