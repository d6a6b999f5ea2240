import { CANCEL_REASONS, JOB_STATES } from "@jobq/core";
import { noJob } from "../jobs/heads.ts";
import { type Route, reply, route } from "../route.ts";
import { anything, array, boolean, integer, map, object, oneOf, string } from "../schema/schema.ts";
import { durationSchema, goDurationMs } from "../wire/go-duration.ts";
import { nameSchema } from "../wire/submission.ts";
import { rfc3339 } from "../wire/timestamps.ts";
import { jobParams } from "./job-routes.ts";

const time = string({ format: "date-time" });

const attemptSchema = object(
  {
    attempt: integer({ min: 1 }).describe("1 for the first since the job was submitted or reset"),
    token: integer({ min: 1 }),
    outcome: oneOf("running", "done", "retried", "exhausted", "rejected"),
  },
  {
    by: string().describe("who held it"),
    started_at: time,
    ended_at: time,
    error: object({ name: string(), message: string() }, { stack: string(), data: map(anything) }),
  },
).named("Attempt");

const attempts = route({
  method: "GET",
  path: "/api/v1/jobs/{id}/attempts",
  operation: "getAttempts",
  tag: "jobs",
  summary: "What each attempt at a job did and how it failed, the oldest first",
  role: "viewer",
  params: jobParams,
  replies: {
    200: {
      description: "the attempts; none for a job that is not there",
      schema: object({ attempts: array(attemptSchema) }),
    },
  },
  run: async ({ backend, params: { id } }) => {
    const known = await backend.svc.attempts(id);
    const forms = known.map(({ attempt, token, outcome, by, startedAt, endedAt, error }) => ({
      attempt,
      token,
      outcome,
      by,
      started_at: rfc3339(startedAt),
      ended_at: rfc3339(endedAt),
      error,
    }));
    return reply(200, { attempts: forms });
  },
});

const explain = route({
  method: "GET",
  path: "/api/v1/jobs/{id}/explain",
  operation: "explainJob",
  tag: "jobs",
  summary: "Why a job does not run, in words and as data",
  description:
    "Of workers it knows those of the server's own process. Instants are epoch milliseconds, as in the library.",
  role: "viewer",
  params: jobParams,
  replies: {
    200: {
      description: "the reasons, the one to look at first first",
      schema: object({
        id: string(),
        state: oneOf(...JOB_STATES),
        reasons: array(map(anything)),
        text: string().describe("a sentence for each reason"),
      }).named("Explanation"),
    },
  },
  run: async ({ backend, params: { id } }) => {
    const explanation = await backend.svc.explain(id);
    if (!explanation) throw noJob(id);
    const { state, reasons, text } = explanation;
    return reply(200, { id, state, reasons: reasons.map((reason) => ({ ...reason })), text });
  },
});

const purge = route({
  method: "POST",
  path: "/api/v1/jobs/purge",
  operation: "purgeJobs",
  tag: "jobs",
  summary: "Forget jobs that have ended",
  role: "admin",
  body: object(
    { state: oneOf("done", "canceled").describe("completed ones, or those that were cancelled, failed or died") },
    {
      reason: oneOf(...CANCEL_REASONS).describe("only those canceled for it"),
      topic: nameSchema,
      older_than: durationSchema.describe("only those that ended so long ago or longer; all by default"),
      dry_run: boolean.describe("only count them"),
    },
  ),
  waits: true,
  changes: true,
  replies: {
    200: { description: "how many; with `dry_run` how many would be", schema: object({ purged: integer({ min: 0 }) }) },
  },
  run: async ({ backend, body: { state, reason, topic, older_than: age, dry_run: dryRun = false } }) => {
    const olderThan = age ? goDurationMs(age, "older_than") : 0;
    return reply(200, { purged: await backend.svc.purge({ state, reason, topic, olderThan, dryRun }) });
  },
});

/** The routes about what is past. */
export const historyRoutes: readonly Route[] = [attempts, explain, purge];
