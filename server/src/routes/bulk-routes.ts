import { retryJobs } from "../jobs/retry-jobs.ts";
import { readCursor } from "../request/read-cursor.ts";
import { type Route, reply, route } from "../route.ts";
import { array, boolean, integer, object, oneOf, string } from "../schema/schema.ts";
import { queriesFor } from "../wire/states.ts";
import { cursorSchema, nameSchema } from "../wire/submission.ts";
import { timestampOf } from "../wire/timestamps.ts";
import { groupSchema, tagSchema, tagsOf } from "./job-filter.ts";

/** The most jobs that one call retries, so that it ends in time, and counts. */
const MAX_RETRIED = 10_000;
const MAX_COUNTED = 100_000;

const count = integer({ min: 0 });
const time = string({ format: "date-time" });

const retryBody = object(
  { state: array(oneOf("failed", "dead_letter", "cancelled"), { min: 1, max: 3 }).describe("in one of these states") },
  {
    type: nameSchema,
    topic: nameSchema,
    tag: tagSchema,
    group: groupSchema,
    created_after: time,
    created_before: time,
    dry_run: boolean.describe("only count them; false by default"),
    limit: integer({ min: 1, max: MAX_COUNTED }).describe(
      `at most so many, the newest; by default ${MAX_RETRIED}, which is also the most, and ${MAX_COUNTED} for a dry run`,
    ),
    cursor: cursorSchema,
  },
);

const retry = route({
  method: "POST",
  path: "/api/v1/jobs/retry",
  operation: "retryJobs",
  tag: "jobs",
  summary: "Run jobs again that failed or were cancelled, all that fit",
  description: "Each has all its attempts again. Count them with `dry_run` first.",
  role: "operator",
  body: retryBody,
  waits: true,
  changes: true,
  replies: {
    200: {
      description: "how many",
      schema: object(
        {
          matched: count.describe("how many fit"),
          retried: count,
          skipped: count.describe("changed meanwhile, or another job has their unique key"),
          copies: count.describe("passed over: copies of jobs, on a dead-letter topic that `topic` does not name"),
          has_more: boolean,
        },
        { next_cursor: string().describe("pass it as `cursor` to go on") },
      ),
    },
  },
  run: async ({ backend, body, signal }) => {
    const {
      state,
      type,
      topic,
      tag,
      group,
      created_after: after,
      created_before: before,
      cursor,
      dry_run: dryRun = false,
    } = body;
    const most = dryRun ? MAX_COUNTED : MAX_RETRIED;
    const filter = {
      states: [...new Set(state)].flatMap(queriesFor),
      name: type,
      topic,
      tags: tag && tagsOf(tag),
      group,
      createdAfter: after === undefined ? undefined : timestampOf(after, "created_after"),
      createdBefore: before === undefined ? undefined : timestampOf(before, "created_before"),
      before: await readCursor(backend, cursor),
      limit: Math.min(body.limit ?? most, most),
    };
    const { next, ...counts } = await retryJobs(backend.svc, filter, { dryRun, signal });
    return reply(200, { ...counts, has_more: next !== undefined, next_cursor: next });
  },
});

/** The routes that change many jobs at once. */
export const bulkRoutes: readonly Route[] = [retry];
