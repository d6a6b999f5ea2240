import type { Backend } from "../backend.ts";
import { type Fault, faultOf, invalid } from "../fault.ts";
import { type Submitted, submitJobs } from "../jobs/submit-jobs.ts";
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
    const [submitted] = await submitJobs(backend, [enqueueingOf(body)], () => "");
    const { job, duplicate } = submitted as Submitted;
    return reply(duplicate ? 200 : 201, jobForm(job));
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
  const submitted = await submitJobs(backend, requests, (index) => `jobs[${index}].`);
  return submitted.map(({ job }) => ({ job: jobForm(job) }));
}

/** Jobs asked for at once are stored in as few steps as all of them together would be. */
function eachByItself(backend: Backend, jobs: readonly unknown[]): Promise<Outcome[]> {
  const one = async (job: unknown): Promise<Outcome> => {
    try {
      const [submitted] = await submitJobs(backend, [requestOf(job, "")], () => "");
      return { job: jobForm((submitted as Submitted).job) };
    } catch (error) {
      const fault = faultOf(error);
      if (fault.status >= 500) backend.report(error, "submitting a job of a batch");
      return { fault };
    }
  };
  return Promise.all(jobs.map(one));
}

function requestOf(job: unknown, at: string): Enqueueing {
  const verdict = validate(submissionSchema, job, at.slice(0, -1));
  if (verdict.ok) return enqueueingOf(verdict.value, at);
  throw invalid(verdict.flaw.field, verdict.flaw.message);
}
