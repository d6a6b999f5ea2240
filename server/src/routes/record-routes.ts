import { copyHead } from "@jobq/core";
import type { EnqueueOptions, FindOptions } from "@jobq/service";
import { invalid } from "../fault.ts";
import { noJob } from "../jobs/heads.ts";
import { type Route, reply, route } from "../route.ts";
import { anything, array, boolean, map, object, string } from "../schema/schema.ts";
import { durationSchema } from "../wire/go-duration.ts";
import { nameSchema } from "../wire/submission.ts";
import { jobParams } from "./job-routes.ts";
import { waitMs } from "./wait-routes.ts";

const optionsSchema = map(anything).describe("options of `enqueue`, as the library has them");
const requestSchema = object({ topic: nameSchema }, { payload: anything, options: optionsSchema });
const typedSchema = object({ type: nameSchema }, { topic: nameSchema, payload: anything, options: optionsSchema });
/** A job as the library has it. */
export const recordSchema = map(anything)
  .describe("a job as the library has it, instants in epoch milliseconds")
  .named("Record");

const enqueue = route({
  method: "POST",
  path: "/api/v1/records",
  operation: "enqueueRecord",
  tag: "records",
  summary: "Enqueue a job, as the library does",
  role: "operator",
  body: requestSchema,
  changes: true,
  replies: { 201: { description: "it is stored, or another stands for it", schema: object({ id: string() }) } },
  run: async ({ backend, body: { topic, payload, options = {} } }) => {
    return reply(201, { id: await backend.svc.enqueue(topic, payload, enqueueOptions(options)) });
  },
});

const receiptsReply = {
  description: "the ids, in the order of the requests",
  schema: object({ receipts: array(object({ id: string(), duplicate: boolean })) }),
};

const enqueueMany = route({
  method: "POST",
  path: "/api/v1/records/batch",
  operation: "enqueueRecords",
  tag: "records",
  summary: "Enqueue up to 10,000 jobs, all or none",
  role: "operator",
  body: object({ requests: array(requestSchema, { max: 10_000 }) }),
  changes: true,
  replies: { 201: receiptsReply },
  run: async ({ backend, body }) => {
    const requests = body.requests.map(({ topic, payload, options = {} }) => {
      return { topic, payload, options: enqueueOptions(options) };
    });
    return reply(201, { receipts: await backend.svc.enqueueMany(requests) });
  },
});

const submit = route({
  method: "POST",
  path: "/api/v1/records/submit",
  operation: "submitRecords",
  tag: "records",
  summary: "Enqueue up to 10,000 jobs by their types, as the server's definitions have them, all or none",
  role: "operator",
  body: object({ requests: array(typedSchema, { max: 10_000 }) }),
  changes: true,
  replies: { 201: receiptsReply },
  run: async ({ backend, body }) => {
    const { kinds } = backend.settings;
    const requests = body.requests.map(({ options = {}, ...request }) => {
      return kinds.request({ ...request, options: enqueueOptions(options) });
    });
    return reply(201, { receipts: await backend.svc.enqueueMany(requests) });
  },
});

const find = route({
  method: "POST",
  path: "/api/v1/records/find",
  operation: "findRecords",
  tag: "records",
  summary: "The jobs that match, without payloads",
  role: "viewer",
  body: map(anything).describe("options of `find`, as the library has them"),
  bodyOptional: true,
  replies: { 200: { description: "the jobs", schema: object({ jobs: array(recordSchema) }) } },
  run: async ({ backend, body }) => {
    const jobs = await backend.svc.find(body as FindOptions);
    return reply(200, { jobs: jobs.map((job) => ({ ...job })) });
  },
});

const get = route({
  method: "GET",
  path: "/api/v1/records/{id}",
  operation: "getRecord",
  tag: "records",
  summary: "A job with its payload and result",
  role: "viewer",
  params: jobParams,
  replies: { 200: { description: "the job", schema: recordSchema } },
  run: async ({ backend, params: { id } }) => {
    const job = await backend.svc.get(id);
    if (!job) throw noJob(id);
    return reply(200, { ...job });
  },
});

const status = route({
  method: "GET",
  path: "/api/v1/records/{id}/status",
  operation: "getRecordStatus",
  tag: "records",
  summary: "A job without its payload and result, which are not decoded",
  role: "viewer",
  params: jobParams,
  replies: { 200: { description: "the job", schema: recordSchema } },
  run: async ({ backend, params: { id } }) => {
    await backend.context.now();
    const [job] = await backend.context.jobs.get([id]);
    if (!job) throw noJob(id);
    return reply(200, { ...copyHead(job) });
  },
});

const ending = route({
  method: "GET",
  path: "/api/v1/records/{id}/ending",
  operation: "getRecordEnding",
  tag: "records",
  summary: "Wait for the end of a job; an error of code `timeout` when it has not ended in time",
  role: "viewer",
  params: jobParams,
  query: object({}, { timeout: durationSchema.describe("not at all by default") }),
  waits: true,
  replies: { 200: { description: "how it ended, as the library has it", schema: map(anything) } },
  run: async ({ backend, params: { id }, query, signal }) => {
    const timeout = waitMs(backend, query.timeout, "timeout", 0);
    return reply(200, { ...(await backend.svc.result(id, { timeout, ...(signal ? { signal } : {}) })) });
  },
});

/** The routes by which `@jobq/server/client` has the service's own interface. */
export const recordRoutes: readonly Route[] = [enqueueMany, submit, find, enqueue, get, status, ending];

/** What the service checks itself, but for the one option that is an object of this process. */
function enqueueOptions(options: Readonly<Record<string, unknown>>): EnqueueOptions {
  if (Object.hasOwn(options, "within")) throw invalid("options.within", "options.within must be left out over HTTP");
  return options as EnqueueOptions;
}
