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
  const tags = { ...template.tags, instant: new Date(instant).toISOString() };
  const job = jobOf(definition, occurrenceId(schedule, instant), now, tags);
  const runAt = jitterMs === 0 ? instant : instant + Math.round(shareOf(schedule, instant) * jitterMs);
  return runAt > now ? { ...job, state: "delayed", runAt } : job;
}

/** From 0 up to 1, the same for an instant in every process. */
function shareOf(schedule: string, instant: Timestamp): number {
  return (hash128(`jitter ${schedule} ${instant}`)[0] as number) / 2 ** 32;
}

/** A job of the schedule that no instant has asked for. */
export function jobOf({ template }: ScheduleDefinition, id: JobId, now: Timestamp, tags = template.tags): Job {
  const { expiresMs, limit } = template;
  const state = limit ? "delayed" : "ready"; // one with a limit waits to be admitted
  const status = { state, token: 0, attempt: 0, leaseLosses: 0, resetCount: 0 } as const;
  return copyJob<Job>({
    ...{ ...template, ...status, id, tags, createdAt: now },
    links: jobData(template).deadLetter === undefined ? undefined : 1, // as `enqueue` counts it
    expiresAt: expiresMs === undefined ? undefined : now + expiresMs,
  });
}
