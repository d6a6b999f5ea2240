import {
  CANCEL_REASONS,
  type CancelReason,
  type Duration,
  durationMs,
  JOB_STATES,
  type JobId,
  type JobQuery,
  type JobState,
  received,
  type Timestamp,
} from "@jobq/core";
import { checkInteger, checkName, checkOptions, MOST_JOBS } from "./check.ts";
import { checkTags } from "./job-request.ts";

/** Which jobs to find; all that is given must hold. */
export interface FindOptions {
  readonly state?: JobState;
  readonly reason?: CancelReason;
  readonly topic?: string;
  readonly name?: string;
  /** Each of these tags, with exactly this value. */
  readonly tags?: Readonly<Record<string, string>>;
  readonly bundle?: JobId;
  /** Only jobs with a greater id: the last one of the page before. */
  readonly after?: JobId;
  /** At most so many, up to 10,000; 100. */
  readonly limit?: number;
}

/** Which ended jobs to remove. */
export interface PurgeOptions {
  readonly state: "done" | "canceled";
  readonly reason?: CancelReason;
  readonly topic?: string;
  /** Only jobs that ended so long ago or longer; by default all. */
  readonly olderThan?: Duration;
}

/** @throws {TypeError | RangeError} an option that means nothing */
export function findQuery(options: FindOptions): JobQuery {
  checkOptions(options, "the query");
  const { state, reason, topic, name, tags, bundle, after, limit = 100 } = options;
  return {
    limit: checkInteger(limit, "limit", 1, MOST_JOBS),
    ...(state !== undefined && { state: oneOf(state, JOB_STATES, "state") }),
    ...(reason !== undefined && { reason: oneOf(reason, CANCEL_REASONS, "reason") }),
    ...(topic !== undefined && { topic: checkName(topic, "topic") }),
    ...(name !== undefined && { name: checkName(name, "name") }),
    ...(tags !== undefined && { tags: checkTags(tags) }),
    ...(bundle !== undefined && { bundle: checkName(bundle, "bundle") }),
    ...(after !== undefined && { after: checkName(after, "after") }),
  };
}

/** @throws {TypeError | RangeError} an option that means nothing */
export function purgeQuery(options: PurgeOptions, now: Timestamp, limit: number): JobQuery {
  checkOptions(options, "the query");
  const { state, reason, topic, olderThan = 0 } = options;
  const query = findQuery({ limit, ...(reason !== undefined && { reason }), ...(topic !== undefined && { topic }) });
  return {
    ...query,
    state: oneOf(state, ["done", "canceled"], "state"),
    finishedBy: now - durationMs(olderThan, "olderThan"),
  };
}

function oneOf<T extends string>(value: T, allowed: readonly T[], what: string): T {
  if (allowed.includes(value)) return value;
  throw new TypeError(`${what} must be one of ${allowed.join(", ")}, got ${received(value)}`);
}
