import { JobqError } from "@jobq/core";
import type { JobRecord } from "@jobq/service";
import type { Backend } from "../backend.ts";
import { noJob } from "../jobs/heads.ts";
import { type Route, reply, route } from "../route.ts";
import { object } from "../schema/schema.ts";
import { durationSchema, goDurationMs } from "../wire/go-duration.ts";
import { type WaitForm, waitForm, waitSchema } from "../wire/result-form.ts";
import { jobParams } from "./job-routes.ts";

const DEFAULT_WAIT_MS = 30_000;

const asked = object({}, { timeout: durationSchema.describe("how long to wait; 30 s by default") });
const replies = { 200: { description: "the job ended, or the time was up", schema: waitSchema } } as const;

const post = route({
  method: "POST",
  path: "/api/v1/jobs/{id}/wait",
  operation: "waitForJob",
  tag: "jobs",
  summary: "Wait until a job has ended",
  role: "viewer",
  params: jobParams,
  body: asked,
  bodyOptional: true,
  waits: true,
  replies,
  run: async ({ backend, params, body, signal }) => reply(200, await waited(backend, params.id, body.timeout, signal)),
});

const get = route({
  method: "GET",
  path: "/api/v1/jobs/{id}/wait",
  operation: "waitForJobByGet",
  tag: "jobs",
  summary: "Wait until a job has ended",
  role: "viewer",
  params: jobParams,
  query: asked,
  waits: true,
  replies,
  run: async ({ backend, params, query, signal }) =>
    reply(200, await waited(backend, params.id, query.timeout, signal)),
});

/** The routes that wait for the end of a job. */
export const waitRoutes: readonly Route[] = [post, get];

/** How long a call may wait that asks for `text`. */
export function waitMs({ settings }: Backend, text: string | undefined, field: string, otherwise: number): number {
  return Math.min(text ? goDurationMs(text, field) : otherwise, settings.timeoutsMs.wait);
}

/** Resolves when the job has ended, the time is up, or `signal` aborts. */
export async function waitForEnd(
  { svc }: Backend,
  id: string,
  timeout: number,
  signal: AbortSignal | undefined,
): Promise<JobRecord> {
  try {
    await svc.result(id, { timeout, ...(signal ? { signal } : {}) });
  } catch (error) {
    const isOver = signal?.aborted || (error instanceof JobqError && error.code === "TIMEOUT");
    if (!isOver) throw error;
  }
  const job = await svc.get(id);
  if (!job) throw noJob(id);
  return job;
}

async function waited(
  backend: Backend,
  id: string,
  timeout: string | undefined,
  signal: AbortSignal | undefined,
): Promise<WaitForm> {
  const ms = waitMs(backend, timeout, "timeout", DEFAULT_WAIT_MS);
  return waitForm(await waitForEnd(backend, id, ms, signal));
}
