import type { JobHead, Timestamp } from "@jobq/core";
import { jobData } from "@jobq/service/module";
import {
  array,
  boolean,
  type Infer,
  integer,
  map,
  number,
  object,
  oneOf,
  type Schema,
  string,
} from "../schema/schema.ts";
import { errorMessage } from "./error-message.ts";
import { priorityOf } from "./priorities.ts";
import { WIRE_STATES, wireStateOf } from "./states.ts";
import { rfc3339 } from "./timestamps.ts";

const time = string({ format: "date-time" });

/** A job as GopherQueue's clients know it; from `topic` on, fields are ours. */
export const jobSchema = object(
  {
    id: string(),
    type: string().describe("which handler runs it"),
    state: oneOf(...WIRE_STATES),
    priority: integer({ min: 0, max: 4 }).describe("0 critical, 1 high, 2 normal, 3 low, 4 bulk"),
    attempt: integer({ min: 0 }).describe("attempts begun"),
    max_attempts: integer({ min: 1 }),
    progress: number({ min: 0, max: 100 }).describe("per cent"),
    created_at: time,
    updated_at: time,
    topic: string(),
    weight: integer().describe("lower runs first"),
  },
  {
    progress_message: string(),
    tags: map(string()),
    scheduled_at: time.describe("when a delayed job is due"),
    started_at: time.describe("when the latest attempt began"),
    completed_at: time,
    last_error: string().describe("without its stack, which attempts have"),
    reason: string().describe("why it ended, where it did not complete"),
    correlation_id: string(),
    origin: string(),
    group: string().describe("the jobs that it is waited for with, such as the bundle whose member it is"),
  },
).named("Job");

/** A job on the wire. */
export type JobForm = Infer<typeof jobSchema>;

/** A page of jobs on the wire. */
export const jobListSchema: Schema<{
  readonly jobs: readonly JobForm[];
  readonly count: number;
  readonly has_more: boolean;
  readonly next_cursor?: string | undefined;
}> = object(
  { jobs: array(jobSchema), count: integer({ min: 0 }).describe("how many are in this page"), has_more: boolean },
  { next_cursor: string().describe("pass it as `cursor` for the page after this one") },
).named("JobList");

/** A job as it goes over the wire. */
export function jobForm(job: JobHead): JobForm {
  const { progress, runAt, reservedAt, finishedAt } = job;
  const { correlationId, origin } = jobData(job);
  return {
    id: job.id,
    type: job.name,
    state: wireStateOf(job),
    priority: priorityOf(job.weight),
    attempt: job.attempt,
    max_attempts: job.maxRetries + 1,
    progress: progress ? Math.round(progress.value * 10_000) / 100 : 0,
    progress_message: progress?.message,
    tags: job.tags,
    created_at: rfc3339(job.createdAt),
    updated_at: rfc3339(changedAt(job)),
    scheduled_at: rfc3339(runAt),
    started_at: rfc3339(reservedAt),
    completed_at: rfc3339(finishedAt),
    last_error: errorMessage(job.error),
    topic: job.topic,
    weight: job.weight,
    reason: job.reason,
    correlation_id: correlationId,
    origin,
    group: job.group,
  };
}

/** The last change that a job keeps the instant of. */
function changedAt({ finishedAt, reservedAt, createdAt }: JobHead): Timestamp {
  return finishedAt ?? reservedAt ?? createdAt;
}
