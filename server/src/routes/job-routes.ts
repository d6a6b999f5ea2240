import { Fault } from "../fault.ts";
import { checkIsWork, headOf, noJob } from "../jobs/heads.ts";
import { listJobs } from "../jobs/list-jobs.ts";
import { readCursor } from "../request/read-cursor.ts";
import { type Route, reply, route } from "../route.ts";
import { array, boolean, integer, object, oneOf, string } from "../schema/schema.ts";
import { jobForm, jobListSchema, jobSchema } from "../wire/job-form.ts";
import { resultForm, resultSchema } from "../wire/result-form.ts";
import { queriesFor, WIRE_STATES } from "../wire/states.ts";
import { cursorSchema, nameSchema } from "../wire/submission.ts";
import { rfc3339, timestampOf } from "../wire/timestamps.ts";
import { groupSchema, tagSchema, tagsOf } from "./job-filter.ts";

/** The id of a job in a path. */
export const jobParams = object({ id: nameSchema.describe("the id of the job") });

/** A reply that is a job. */
export const jobReply = { description: "the job", schema: jobSchema };

/** The most jobs of one page. */
const MAX_LISTED = 1000;

const listQuery = object(
  {},
  {
    state: array(oneOf(...WIRE_STATES)).describe("in one of these states"),
    type: nameSchema,
    topic: nameSchema,
    tag: tagSchema,
    group: groupSchema,
    unique_key: nameSchema.describe("the job that holds this unique key"),
    created_after: string({ format: "date-time" }),
    created_before: string({ format: "date-time" }),
    limit: integer({ min: 1 }).describe(`100 by default; more than ${MAX_LISTED} are that many`),
    cursor: cursorSchema,
  },
);

const list = route({
  method: "GET",
  path: "/api/v1/jobs",
  operation: "listJobs",
  tag: "jobs",
  summary: "List jobs, the newest first",
  role: "viewer",
  query: listQuery,
  replies: { 200: { description: "a page of jobs", schema: jobListSchema } },
  run: async ({ backend, query }) => {
    const { state, type, topic, tag, group, unique_key: unique, limit = 100, cursor } = query;
    const { created_after: after, created_before: before } = query;
    const { jobs, next } = await listJobs(backend.svc, {
      states: state ? [...new Set(state)].flatMap(queriesFor) : [{}],
      name: type,
      topic,
      tags: tag && tagsOf(tag),
      group,
      unique,
      createdAfter: after === undefined ? undefined : timestampOf(after, "created_after"),
      createdBefore: before === undefined ? undefined : timestampOf(before, "created_before"),
      before: await readCursor(backend, cursor),
      limit: Math.min(limit, MAX_LISTED),
    });
    return reply(200, { jobs: jobs.map(jobForm), count: jobs.length, has_more: next !== undefined, next_cursor: next });
  },
});

const get = route({
  method: "GET",
  path: "/api/v1/jobs/{id}",
  operation: "getJob",
  tag: "jobs",
  summary: "Get a job",
  role: "viewer",
  params: jobParams,
  replies: { 200: jobReply },
  run: async ({ backend, params }) => reply(200, jobForm(await headOf(backend, params.id))),
});

const remove = route({
  method: "DELETE",
  path: "/api/v1/jobs/{id}",
  operation: "deleteJob",
  tag: "jobs",
  summary: "Delete a job, whatever its state",
  role: "admin",
  params: jobParams,
  changes: true,
  replies: { 204: { description: "it is gone" } },
  run: async ({ backend, params }) => {
    await backend.svc.remove(params.id);
    return reply(204, undefined);
  },
});

const cancel = route({
  method: "POST",
  path: "/api/v1/jobs/{id}/cancel",
  operation: "cancelJob",
  tag: "jobs",
  summary: "Cancel a job that has not ended",
  description:
    "Without `force`, a job that is running is left alone: the reply then says that it is running. A job that is a " +
    "schedule is refused: schedules have their own routes.",
  role: "operator",
  params: jobParams,
  body: object(
    {},
    { reason: string({ max: 8192 }), force: boolean.describe("also when it is running; false by default") },
  ),
  bodyOptional: true,
  changes: true,
  replies: { 200: jobReply },
  run: async ({ backend, params: { id }, body: { reason, force = false } }) => {
    const job = await headOf(backend, id);
    checkIsWork(job);
    if (!force && job.state === "reserved") return reply(200, jobForm(job));
    await backend.svc.cancel(id, reason || undefined);
    return reply(200, jobForm(await headOf(backend, id)));
  },
});

const retry = route({
  method: "POST",
  path: "/api/v1/jobs/{id}/retry",
  operation: "retryJob",
  tag: "jobs",
  summary: "Run a job again that failed or was cancelled",
  description: "It has all its attempts again, whatever `reset_attempts` says.",
  role: "operator",
  params: jobParams,
  body: object({}, { reset_attempts: boolean.describe("without effect: all attempts begin again") }),
  bodyOptional: true,
  changes: true,
  replies: { 200: jobReply },
  run: async ({ backend, params: { id } }) => {
    const { state } = await headOf(backend, id);
    if (state === "done") {
      const details = { id, doing: "retry", state };
      const message = `job ${id} is completed: reset it to run it again`;
      throw new Fault("conflict", message, { jobq: { code: "INVALID_STATE", details } });
    }
    await backend.svc.reset(id);
    return reply(200, jobForm(await headOf(backend, id)));
  },
});

const reset = route({
  method: "POST",
  path: "/api/v1/jobs/{id}/reset",
  operation: "resetJob",
  tag: "jobs",
  summary: "Run a job again that has ended, however it did",
  role: "operator",
  params: jobParams,
  changes: true,
  replies: { 200: jobReply },
  run: async ({ backend, params: { id } }) => {
    await backend.svc.reset(id);
    return reply(200, jobForm(await headOf(backend, id)));
  },
});

const result = route({
  method: "GET",
  path: "/api/v1/jobs/{id}/result",
  operation: "getResult",
  tag: "jobs",
  summary: "How a job ended; not found while it has not",
  role: "viewer",
  params: jobParams,
  replies: { 200: { description: "how it ended", schema: resultSchema } },
  run: async ({ backend, params: { id } }) => {
    const job = await backend.svc.get(id);
    const body = job && resultForm(job);
    if (!body) throw job ? new Fault("not_found", `job ${id} has not ended`) : noJob(id);
    return reply(200, body);
  },
});

const logs = route({
  method: "GET",
  path: "/api/v1/jobs/{id}/logs",
  operation: "getLogs",
  tag: "jobs",
  summary: "What the holders of a job logged, the oldest line first",
  role: "viewer",
  params: jobParams,
  replies: {
    200: {
      description: "the lines; none for a job that is not there",
      schema: object({ logs: array(object({ at: string({ format: "date-time" }), line: string() })) }),
    },
  },
  run: async ({ backend, params: { id } }) => {
    const lines = await backend.svc.logs(id);
    return reply(200, { logs: lines.map(({ at, line }) => ({ at: rfc3339(at), line })) });
  },
});

/** The routes that look at jobs and steer them. */
export const jobRoutes: readonly Route[] = [list, get, remove, cancel, retry, reset, result, logs];
