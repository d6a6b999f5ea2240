import {
  CANCEL_REASONS,
  type CancelReason,
  checkJobId,
  checkOptions,
  type Duration,
  durationMs,
  JOB_STATES,
  type JobQuery,
  type OptionNames,
  type Timestamp,
  wrongType,
} from "@jobq/core";
import { checkInteger, checkName, checkType } from "./check.ts";
import { MAX_JOBS_PER_CALL } from "./limits.ts";
import { checkTags } from "./tags.ts";

/** The last instant that a Date can be. */
const LAST_INSTANT = 8.64e15;

/** Which jobs to find. They must match every filter. */
export interface FindOptions extends Omit<Partial<JobQuery>, "leaseEndsBy" | "owes" | "awaitsGroup" | "limit"> {
  /** The largest number of jobs to return, up to 10,000; 100. */
  readonly limit?: number | undefined;
}

/** Which ended jobs to delete. */
export interface PurgeOptions {
  readonly state: "done" | "canceled";
  readonly reason?: CancelReason | undefined;
  readonly topic?: string | undefined;
  /** Only jobs that ended at least this long ago; by default all. */
  readonly olderThan?: Duration | undefined;
  /** Only count them, and delete nothing; false. */
  readonly dryRun?: boolean | undefined;
}

const FIND_OPTIONS: OptionNames<FindOptions> = {
  state: true,
  live: true,
  reason: true,
  topic: true,
  name: true,
  unique: true,
  tags: true,
  group: true,
  limitKey: true,
  slot: true,
  reservedBefore: true,
  finishedBy: true,
  finishedFrom: true,
  after: true,
  before: true,
  order: true,
  limit: true,
};
const PURGE_OPTIONS: OptionNames<PurgeOptions> = {
  state: true,
  reason: true,
  topic: true,
  olderThan: true,
  dryRun: true,
};

/** @throws {TypeError | RangeError} an invalid option */
export function findQuery(options: FindOptions): JobQuery {
  checkOptions(options, FIND_OPTIONS, "the query");
  const { tags, live, limit = 100, ...query } = options;
  if (tags !== undefined) checkTags(tags);
  const { topic, name, unique, group, limitKey, after, before, reservedBefore, finishedBy, finishedFrom } = query;
  for (const [what, value] of Object.entries({ topic, name, unique, group, limitKey })) {
    if (value !== undefined) checkName(value, what);
  }
  for (const [what, value] of Object.entries({ after, before })) if (value !== undefined) checkJobId(value, what);
  for (const [what, value] of Object.entries({ reservedBefore, finishedBy, finishedFrom })) {
    if (value !== undefined) checkInteger(value, what, 0, LAST_INSTANT);
  }
  return {
    state: oneOf(query.state, JOB_STATES, "state"),
    live: oneOf(live, [true], "live"),
    reason: oneOf(query.reason, CANCEL_REASONS, "reason"),
    topic,
    name,
    unique,
    tags,
    group,
    limitKey,
    slot: oneOf(query.slot, ["held", "awaited"], "slot"),
    reservedBefore,
    finishedBy,
    finishedFrom,
    after,
    before,
    order: oneOf(query.order, ["oldest", "newest"], "order"),
    limit: checkInteger(limit, "limit", 1, MAX_JOBS_PER_CALL),
  };
}

/** @throws {TypeError | RangeError} an invalid option */
export function purgeQuery(options: PurgeOptions, now: Timestamp, limit: number): JobQuery {
  checkOptions(checkType(options, "object", "the query"), PURGE_OPTIONS, "the query");
  const { olderThan = 0, dryRun: _, ...query } = options;
  if (!oneOf(query.state, ["done", "canceled"], "state")) throw wrongType("state", "done or canceled", query.state);
  return { ...findQuery({ ...query, limit }), finishedBy: now - durationMs(olderThan, "olderThan") };
}

function oneOf<T extends string | true>(value: T | undefined, allowed: readonly T[], what: string): T | undefined {
  if (value === undefined || allowed.includes(value)) return value;
  throw wrongType(what, `one of ${allowed.join(", ")}`, value);
}
