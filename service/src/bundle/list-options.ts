import { checkJobId, checkOptions, type JobId, type JobQuery, type OptionNames, wrongType } from "@jobq/core";
import { checkInteger, checkName, checkType, MAX_JOBS_PER_CALL } from "../module.ts";
import { BUNDLES, NAME_TAG } from "./bundle-job.ts";

/** Which bundles to list; all that is given must hold. */
export interface ListOptions {
  readonly name?: string | undefined;
  /** Only those that have not ended. */
  readonly live?: true | undefined;
  /** The bundles that are members of this one; by default those that are in no other. */
  readonly parent?: JobId | undefined;
  /** Only those with a greater id: where a page goes on that is `oldest` first. */
  readonly after?: JobId | undefined;
  /** Only those with a smaller id: where a page goes on that is `newest` first. */
  readonly before?: JobId | undefined;
  readonly order?: "oldest" | "newest" | undefined;
  /** At most so many, up to 10,000; 100. */
  readonly limit?: number | undefined;
}

const OPTIONS: OptionNames<ListOptions> = {
  ...{ name: true, live: true, parent: true, after: true, before: true, order: true, limit: true },
};

/** @throws {TypeError | RangeError} an invalid option */
export function listQuery(options: ListOptions): JobQuery {
  checkOptions(checkType(options, "object", "the query"), OPTIONS, "the query");
  const { name, live, parent, after, before, order, limit = 100 } = options;
  if (name !== undefined) checkName(name, "name");
  for (const [what, value] of Object.entries({ parent, after, before }))
    if (value !== undefined) checkJobId(value, what);
  if (live !== undefined && live !== true) throw wrongType("live", "true", live);
  if (order !== undefined && order !== "oldest" && order !== "newest") {
    throw wrongType("order", "oldest or newest", order);
  }
  const group = parent ?? BUNDLES;
  const tags = name === undefined ? undefined : { [NAME_TAG]: name };
  return { group, tags, live, after, before, order, limit: checkInteger(limit, "limit", 1, MAX_JOBS_PER_CALL) };
}
