import { type CancelReason, checkOptions, type JobQuery, type JobState, type OptionNames, wrongType } from "@jobq/core";
import { checkType } from "../input/check.ts";
import { findQuery } from "../input/job-query.ts";

/** Which jobs a call acts on; all that is given must hold, and something must be. */
export interface ManyQuery {
  readonly reason?: CancelReason | undefined;
  readonly topic?: string | undefined;
  readonly name?: string | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
  readonly group?: string | undefined;
  readonly limitKey?: string | undefined;
  /** Those reserved before this instant. */
  readonly reservedBefore?: number | undefined;
  /** Those that ended at this instant or earlier, or later. */
  readonly finishedBy?: number | undefined;
  readonly finishedFrom?: number | undefined;
}

/** Which ended jobs to reset. */
export interface ResetManyQuery extends ManyQuery {
  readonly state: "done" | "canceled";
}

/** Which jobs that have not ended to cancel. */
export interface CancelManyQuery extends Omit<ManyQuery, "reason" | "finishedBy" | "finishedFrom"> {
  /** By default all three. */
  readonly state?: "delayed" | "ready" | "reserved" | undefined;
}

/** How to act on many. */
export interface ManyOptions {
  /** Only counts the jobs, and changes nothing. */
  readonly dryRun?: boolean | undefined;
}

/** How to cancel many. */
export interface CancelManyOptions extends ManyOptions {
  /** Kept as the `error` of each. */
  readonly reason?: string | undefined;
}

type AnyQuery = ManyQuery & { readonly state?: JobState | undefined };

const QUERY: OptionNames<AnyQuery> = {
  ...{ state: true, reason: true, topic: true, name: true, tags: true, group: true, limitKey: true },
  ...{ reservedBefore: true, finishedBy: true, finishedFrom: true },
};

/**
 * @param states those that the jobs may be in
 * @throws {TypeError | RangeError} an option that means nothing, or a query that names nothing
 */
export function manyQuery(query: AnyQuery, states: readonly JobState[], limit: number): JobQuery {
  checkOptions(checkType(query, "object", "the query"), QUERY, "the query");
  if (!Object.values(query).some((value) => value !== undefined)) {
    throw wrongType("the query", "one that names something, such as a topic or a state", "{}");
  }
  const isFinal = states.includes("done");
  if (!(isFinal ? query.state !== undefined : true) || (query.state && !states.includes(query.state))) {
    throw wrongType("state", `one of ${states.join(", ")}`, query.state);
  }
  return findQuery({ ...query, live: isFinal ? undefined : true, limit });
}

/** @throws {TypeError} an option that means nothing */
export function isDryRun({ dryRun = false }: ManyOptions): boolean {
  if (typeof dryRun !== "boolean") throw wrongType("dryRun", "true or false", dryRun);
  return dryRun;
}
