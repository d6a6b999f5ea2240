import type { CancelReason } from "@jobq/core";
import type { JobRecord } from "@jobq/service";
import { anything, boolean, type Infer, integer, object, oneOf, string } from "../schema/schema.ts";
import { errorMessage } from "./error-message.ts";
import { isTerminal, WIRE_STATES, wireStateOf } from "./states.ts";
import { rfc3339 } from "./timestamps.ts";

const CATEGORIES = ["temporary", "permanent", "timeout", "system"] as const;

/** How a job ended, as GopherQueue's clients know it. */
export const resultSchema = object(
  {
    job_id: string(),
    success: boolean,
    duration: integer({ min: 0 }).describe("of the latest attempt, in nanoseconds"),
  },
  {
    output: anything.describe("what the handler returned"),
    error: string(),
    error_category: oneOf(...CATEGORIES),
    completed_at: string({ format: "date-time" }),
  },
).named("JobResult");

/** How a job ended, on the wire. */
export type ResultForm = Infer<typeof resultSchema>;

/** What a wait for the end of a job came to. */
export const waitSchema = object(
  { id: string(), state: oneOf(...WIRE_STATES), completed: boolean.describe("whether the job has ended") },
  { success: boolean, result: resultSchema, timed_out: boolean },
).named("WaitResult");

/** What a wait came to, on the wire. */
export type WaitForm = Infer<typeof waitSchema>;

const CATEGORY_OF: Readonly<Record<CancelReason, (typeof CATEGORIES)[number]>> = {
  exhausted: "temporary",
  rejected: "permanent",
  dependency: "permanent",
  expired: "timeout",
  poison: "system",
  canceled: "system",
};

/** How a job ended, as it goes over the wire; undefined when it has not. */
export function resultForm(job: JobRecord): ResultForm | undefined {
  const { id, finishedAt, reservedAt, reason, error } = job;
  if (!isTerminal(wireStateOf(job))) return undefined;
  const success = job.state === "done";
  const tookMs = finishedAt !== undefined && reservedAt !== undefined ? Math.max(0, finishedAt - reservedAt) : 0;
  return {
    job_id: id,
    success,
    output: job.result,
    error: success ? undefined : (errorMessage(error) ?? `the job was ${reason ?? "canceled"}`),
    error_category: success || !reason ? undefined : CATEGORY_OF[reason],
    duration: tookMs * 1_000_000,
    completed_at: rfc3339(finishedAt),
  };
}

/** What a wait came to, as it goes over the wire: the end of the job, or that the time was up. */
export function waitForm(job: JobRecord): WaitForm {
  const state = wireStateOf(job);
  const result = resultForm(job);
  if (!result) return { id: job.id, state, completed: false, timed_out: true };
  return { id: job.id, state, completed: true, success: result.success, result };
}
