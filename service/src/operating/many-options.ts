import { type CancelReason, checkOptions, type JobQuery, type JobState, type OptionNames, wrongType } from "@jobq/core";
import { checkType } from "../input/check.ts";
import { findQuery } from "../input/job-query.ts";

/** Which jobs a call acts on. They must match every filter, and at least one is required. Instants are epoch milliseconds. */
export interface ManyQuery {
  readonly reason?: CancelReason | undefined;
  readonly topic?: string | undefined;
  readonly name?: string | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
  readonly group?: string | undefined;
  readonly limitKey?: string | undefined;
  /** Jobs that were reserved before this instant. */
  readonly reservedBefore?: number | undefined;
  /** Jobs that ended at this instant or earlier. */
  readonly finishedBy?: number | undefined;
  /** Jobs that ended at this instant or later. */
  readonly finishedFrom?: number | undefined;
}

/** Which ended jobs to reset. */
export interface ResetManyQuery extends ManyQuery {
  readonly state: "done" | "canceled";
}

/** Which live jobs to cancel. */
export interface CancelManyQuery extends Omit<ManyQuery, "reason" | "finishedBy" | "finishedFrom"> {
  /** By default all three states. */
  readonly state?: "delayed" | "ready" | "reserved" | undefined;
}

/** The options of `resetMany`. */
export interface ManyOptions {
  /** Only counts the jobs, and changes nothing. */
  readonly dryRun?: boolean | undefined;
}

/** The options of `cancelMany`. */
export interface CancelManyOptions extends ManyOptions {
  /** Stored as the `error` of each job, cut at 8,192 characters. */
  readonly reason?: string | undefined;
}

type AnyQuery = ManyQuery & { readonly state?: JobState | undefined };

const QUERY: OptionNames<AnyQuery> = {
  ...{ state: true, reason: true, topic: true, name: true, tags: true, group: true, limitKey: true },
  ...{ reservedBefore: true, finishedBy: true, finishedFrom: true },
};

/**
 * @param states those that the jobs may be in
 * @throws {TypeError | RangeError} an invalid option, or a query that names nothing
 */
export function manyQuery(query: AnyQuery, states: readonly JobState[], limit: number): JobQuery {
  checkOptions(checkType(query, "object", "the query"), QUERY, "the query");
  if (!Object.values(query).some((value) => value !== undefined)) {
    throw wrongType("the query", "one that names something, such as a topic or a state", "{}");
  }
  if (query.tags && Object.keys(query.tags).length === 0) throw wrongType("tags", "left out, or at least one", "{}");
  const isFinal = states.includes("done");
  if (!(isFinal ? query.state !== undefined : true) || (query.state && !states.includes(query.state))) {
    throw wrongType("state", `one of ${states.join(", ")}`, query.state);
  }
  return findQuery({ ...query, live: isFinal ? undefined : true, limit });
}

/** @throws {TypeError} an invalid option */
export function isDryRun({ dryRun = false }: ManyOptions): boolean {
  if (typeof dryRun !== "boolean") throw wrongType("dryRun", "true or false", dryRun);
  return dryRun;
}
