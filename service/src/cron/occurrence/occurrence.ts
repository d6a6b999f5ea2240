import { copyJob, type Job, type JobId, type Timestamp } from "@jobq/core";
import { hash128, jobData } from "../../module.ts";
import type { ScheduleDefinition } from "../schedule/schedule-definition.ts";
import { occurrenceId } from "./derived-id.ts";

/** The job that an instant of a schedule gives: with the same id in every process. */
export function occurrenceOf(
  schedule: string,
  definition: ScheduleDefinition,
  instant: Timestamp,
  now: Timestamp,
): Job {
  const { jitterMs = 0, template } = definition;
  const share = (hash128(`jitter ${schedule} ${instant}`)[0] as number) / 2 ** 32;
  const tags = { ...template.tags, instant: new Date(instant).toISOString() };
  const job = jobOf({ ...definition, template: { ...template, tags } }, occurrenceId(schedule, instant), now);
  const runAt = instant + Math.round(share * jitterMs);
  return runAt > now ? { ...job, state: "delayed", runAt } : job;
}

/** A job of the schedule that no instant has asked for. */
export function jobOf({ template }: ScheduleDefinition, id: JobId, now: Timestamp): Job {
  const { expiresMs, ...spec } = template;
  const state = spec.limit ? "delayed" : "ready"; // one with a limit waits to be admitted
  const status = { state, token: 0, attempt: 0, leaseLosses: 0, resetCount: 0 } as const;
  return copyJob<Job>({
    ...{ ...spec, ...status, id, createdAt: now },
    links: jobData(spec).deadLetter === undefined ? undefined : 1, // as `enqueue` counts it
    expiresAt: expiresMs === undefined ? undefined : now + expiresMs,
  });
}
