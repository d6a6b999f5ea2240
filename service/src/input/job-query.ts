import {
  CANCEL_REASONS,
  type CancelReason,
  type Duration,
  durationMs,
  JOB_STATES,
  type JobId,
  type JobQuery,
  type JobState,
  type Timestamp,
  wrongType,
} from "@jobq/core";
import { checkInteger, checkName, checkType } from "./check.ts";
import { MAX_JOBS_PER_CALL } from "./limits.ts";
import { checkTags } from "./tags.ts";

/** Which jobs to find; all that is given must hold. */
export interface FindOptions {
  readonly state?: JobState | undefined;
  readonly reason?: CancelReason | undefined;
  readonly topic?: string | undefined;
  readonly name?: string | undefined;
  /** Each of these tags, with exactly this value. */
  readonly tags?: Readonly<Record<string, string>> | undefined;
  readonly bundle?: JobId | undefined;
  /** Only jobs with a greater id: the last one of the page before. */
  readonly after?: JobId | undefined;
  /** At most so many, up to 10,000; 100. */
  readonly limit?: number | undefined;
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
  const { state, reason, topic, name, tags, bundle, after, limit = 100 } = checkType(options, "object", "the query");
  if (tags !== undefined) checkTags(tags);
  for (const [what, value] of Object.entries({ topic, name, bundle, after })) {
    if (value !== undefined) checkName(value, what);
  }
  return {
    state: oneOf(state, JOB_STATES, "state"),
    reason: oneOf(reason, CANCEL_REASONS, "reason"),
    topic,
    name,
    tags,
    bundle,
    after,
    limit: checkInteger(limit, "limit", 1, MAX_JOBS_PER_CALL),
  };
}

/** @throws {TypeError | RangeError} an option that means nothing */
export function purgeQuery(options: PurgeOptions, now: Timestamp, limit: number): JobQuery {
  const { olderThan = 0, ...query } = checkType(options, "object", "the query");
  if (!oneOf(query.state, ["done", "canceled"], "state")) throw wrongType("state", "done or canceled", query.state);
  return { ...findQuery({ ...query, limit }), finishedBy: now - durationMs(olderThan, "olderThan") };
}

function oneOf<T extends string>(value: T | undefined, allowed: readonly T[], what: string): T | undefined {
  if (value === undefined || allowed.includes(value)) return value;
  throw wrongType(what, `one of ${allowed.join(", ")}`, value);
}
