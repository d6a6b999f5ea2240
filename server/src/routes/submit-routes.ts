import { type JobId, JobqError } from "@jobq/core";
import type { EnqueueReceipt } from "@jobq/service";
import type { Backend } from "../backend.ts";
import { type Fault, faultOf, invalid } from "../fault.ts";
import { headOf, headsOf } from "../jobs/heads.ts";
import { type Route, reply, route } from "../route.ts";
import { anything, array, boolean, integer, object, string } from "../schema/schema.ts";
import { validate } from "../schema/validate.ts";
import { type JobForm, jobForm, jobSchema } from "../wire/job-form.ts";
import { type Enqueueing, enqueueingOf, submissionSchema } from "../wire/submission.ts";
import { jobReply } from "./job-routes.ts";

const submit = route({
  method: "POST",
  path: "/api/v1/jobs",
  operation: "submitJob",
  tag: "jobs",
  summary: "Submit a job",
  role: "operator",
  body: submissionSchema,
  changes: true,
  replies: {
    201: jobReply,
    200: { description: "the job that has this idempotency key already", schema: jobSchema },
  },
  run: async ({ backend, body }) => {
    const [receipt] = await enqueued(backend, [enqueueingOf(body)], () => "");
    const { id, duplicate } = receipt as EnqueueReceipt;
    return reply(duplicate ? 200 : 201, jobForm(await headOf(backend, id)));
  },
});

const batchResult = object(
  { index: integer({ min: 0 }), success: boolean },
  { job: jobSchema, error: string(), field: string().describe("the field at fault") },
);

const batchBody = object(
  { jobs: array(anything, { min: 1, max: 1000 }).describe("submissions") },
  { atomic: boolean.describe("all or none; false by default") },
).named("Batch");

const batch = route({
  method: "POST",
  path: "/api/v1/jobs/batch",
  operation: "submitBatch",
  tag: "jobs",
  summary: "Submit up to 1,000 jobs",
  description: "Unless the batch is atomic, each job is accepted or rejected by itself.",
  role: "operator",
  body: batchBody,
  changes: true,
  replies: {
    201: {
      description: "what became of each job",
      schema: object({
        total: integer({ min: 1 }),
        accepted: integer({ min: 0 }),
        rejected: integer({ min: 0 }),
        results: array(batchResult),
      }).named("BatchResult"),
    },
  },
  run: async ({ backend, body: { jobs, atomic = false } }) => {
    const outcomes = atomic ? await allOrNone(backend, jobs) : await eachByItself(backend, jobs);
    const results = outcomes.map((outcome, index) =>
      "fault" in outcome
        ? { index, success: false, error: outcome.fault.message, field: outcome.fault.options.field || undefined }
        : { index, success: true, job: outcome.job },
    );
    const accepted = results.filter(({ success }) => success).length;
    return reply(201, { total: jobs.length, accepted, rejected: jobs.length - accepted, results });
  },
});

/** The routes by which jobs come. */
export const submitRoutes: readonly Route[] = [batch, submit];

type Outcome = { readonly job: JobForm } | { readonly fault: Fault };

/** @throws {Fault} of the first job that is not as it must be; nothing is stored then */
async function allOrNone(backend: Backend, jobs: readonly unknown[]): Promise<Outcome[]> {
  const requests = jobs.map((job, index) => requestOf(job, `jobs[${index}].`));
  const receipts = await enqueued(backend, requests, (index) => `jobs[${index}].`);
  const heads = await headsOf(
    backend,
    receipts.map(({ id }) => id),
  );
  return heads.map((head) => ({ job: jobForm(head) }));
}

/** Jobs asked for at once are stored in as few steps as all of them together would be. */
function eachByItself(backend: Backend, jobs: readonly unknown[]): Promise<Outcome[]> {
  const one = async (job: unknown): Promise<Outcome> => {
    try {
      const [receipt] = await enqueued(backend, [requestOf(job, "")], () => "");
      return { job: jobForm(await headOf(backend, (receipt as EnqueueReceipt).id)) };
    } catch (error) {
      const fault = faultOf(error);
      if (fault.status >= 500) backend.report(error, "submitting a job of a batch");
      return { fault };
    }
  };
  return Promise.all(jobs.map(one));
}

/**
 * Stores jobs, all or none.
 * @param at the place of each in faults
 * @throws {Fault} validation_failed: one waits for a job that there is not
 */
async function enqueued(
  { svc }: Backend,
  requests: readonly Enqueueing[],
  at: (index: number) => string,
): Promise<readonly EnqueueReceipt[]> {
  try {
    return await svc.enqueueMany(requests);
  } catch (error) {
    if (!(error instanceof JobqError) || error.code !== "JOB_NOT_FOUND") throw error;
    const unknown = error.details.id as JobId;
    const index = requests.findIndex(({ options }) => options.after?.includes(unknown));
    throw invalid(`${at(index)}depends_on`, `${at(index)}depends_on must name jobs that exist, got "${unknown}"`);
  }
}

function requestOf(job: unknown, at: string): Enqueueing {
  const verdict = validate(submissionSchema, job, at.slice(0, -1));
  if (verdict.ok) return enqueueingOf(verdict.value, at);
  throw invalid(verdict.flaw.field, verdict.flaw.message);
}
