import { type ChangeType, type JobHead, type JobId, JobqError } from "@jobq/core";
import type { ReservedJob } from "@jobq/service";
import type { Backend } from "../backend.ts";
import { headOf } from "../jobs/heads.ts";
import { type Route, reply, route } from "../route.ts";
import { anything, integer, number, object, type Schema, string } from "../schema/schema.ts";
import { durationSchema, goDurationMs, leaseMsOf } from "../wire/go-duration.ts";
import { jobForm } from "../wire/job-form.ts";
import { jobParams, jobReply } from "./job-routes.ts";

const token = integer({ min: 1, max: Number.MAX_SAFE_INTEGER }).describe("of the reservation");

interface Action<B extends Schema<{ readonly token: number }>> {
  readonly name: string;
  readonly summary: string;
  readonly body: B;
  /** The change that it makes. */
  readonly changes: ChangeType;
  readonly act: (job: ReservedJob, body: B["type"]) => Promise<void>;
  /** True of a job that an earlier call of the same kind left so, whose response may have been lost. */
  readonly isAlready?: (job: JobHead) => boolean;
}

/** A route that does something with a reserved job; it replies with the job as it is then. */
function actionRoute<B extends Schema<{ readonly token: number }>>({
  name,
  summary,
  body,
  changes,
  act,
  isAlready,
}: Action<B>): Route {
  return route({
    method: "POST",
    path: `/api/v1/reservations/{id}/${name}`,
    operation: `${name}Reservation`,
    tag: "workers",
    summary,
    role: "operator",
    params: jobParams,
    body,
    changes: true,
    replies: { 200: jobReply },
    run: async ({ backend, params: { id }, body: given }) => {
      try {
        await act(await backend.context.reservation(id, given.token, changes), given);
      } catch (error) {
        if (!isAlready || !(await isRepeated(backend, id, given.token, error, isAlready))) throw error;
      }
      return reply(200, jobForm(await headOf(backend, id)));
    },
  });
}

const done = actionRoute({
  name: "done",
  summary: "The work is finished; the result is kept with the job. May be repeated",
  body: object({ token }, { result: anything.describe("any JSON") }),
  changes: "done",
  act: (job, { result }) => job.done(result, {}),
  isAlready: ({ state }) => state === "done",
});

const retry = actionRoute({
  name: "retry",
  summary: "The attempt failed: again after the job's back-off, or a delay; dead when no attempts are left",
  body: object({ token }, { error: string({ max: 8192 }).describe("what went wrong"), delay: durationSchema }),
  changes: "retry",
  act: (job, { error, delay }) =>
    job.retry({ ...(error ? { error } : {}), ...(delay ? { delay: goDurationMs(delay, "delay") } : {}) }),
});

const cancel = actionRoute({
  name: "cancel",
  summary: "Never again: the job has failed for good. May be repeated",
  body: object({ token }, { reason: string({ max: 8192 }).describe("why") }),
  changes: "cancel",
  act: (job, { reason }) => job.cancel(reason || undefined),
  isAlready: ({ state, reason }) => state === "canceled" && reason === "rejected",
});

const release = actionRoute({
  name: "release",
  summary: "Give the job back unworked; costs no attempt",
  body: object({ token }),
  changes: "release",
  act: (job) => job.release(),
});

const extend = actionRoute({
  name: "extend",
  summary: "Hold the job longer, from now: for `lease`, or for its timeout",
  body: object({ token }, { lease: durationSchema }),
  changes: "extend",
  act: (job, { lease }) => job.extend(lease ? leaseMsOf(lease, "lease") : undefined),
});

const log = actionRoute({
  name: "log",
  summary: "Keep a line with the job",
  body: object({ token, line: string({ max: 8192 }) }),
  changes: "extend",
  act: (job, { line }) => job.log(line),
});

const progress = actionRoute({
  name: "progress",
  summary: "Say how far the work has come",
  body: object(
    { token, value: number({ min: 0, max: 1 }).describe("from 0 to 1") },
    { message: string({ max: 1024 }) },
  ),
  changes: "extend",
  act: (job, { value, message }) => job.progress(value, message),
});

/** The routes by which workers settle the jobs that they reserved, and tell of them meanwhile. */
export const reservationRoutes: readonly Route[] = [done, retry, cancel, release, extend, log, progress];

/** Whether the call found its work done by an earlier one with the same token: the worker repeats what it heard no reply to. */
async function isRepeated(
  backend: Backend,
  id: JobId,
  used: number,
  error: unknown,
  isAlready: (job: JobHead) => boolean,
): Promise<boolean> {
  if (!(error instanceof JobqError) || error.code !== "LEASE_LOST") return false;
  const [job] = await backend.context.jobs.get([id]);
  return job !== undefined && job.token === used && isAlready(job);
}
