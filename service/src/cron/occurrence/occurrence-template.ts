import { type Timestamp, wrongType } from "@jobq/core";
import { checkType, type EnqueueOptions, type ModuleContext } from "../../module.ts";
import type { OccurrenceTemplate } from "../schedule/schedule-definition.ts";
import type { OccurrenceOptions, ScheduledJob, ScheduleOptions } from "../schedule/schedule-options.ts";

/** What the schedule itself decides. */
const NOT_IN_OPTIONS: readonly (keyof EnqueueOptions)[] = ["after", "at", "delay", "unique", "within"];

/**
 * What the jobs of a schedule are made from: one of them as `enqueue` would store it, so that options mean what they
 * mean there.
 * @throws {TypeError | RangeError | JobqError} as `enqueue` does
 */
export function occurrenceTemplate(
  context: ModuleContext,
  schedule: string,
  scheduleOptions: ScheduleOptions,
  now: Timestamp,
): OccurrenceTemplate {
  const { job, run, payload, unique = false, options = {} } = scheduleOptions;
  const topic = topicOf(schedule, scheduleOptions);
  checkOccurrenceOptions(options);
  // The instant is each job's own; here it only takes its place among the tags.
  const tags = { ...options.tags, schedule };
  const made = context.newJob(
    topic,
    payload,
    {
      ...options,
      tags: { ...tags, instant: new Date(now).toISOString() },
      name: options.name ?? (run ? schedule : job?.name),
      unique: unique === true ? `schedule ${schedule}` : unique === false ? undefined : unique,
    },
    now,
  );
  return {
    topic: made.topic,
    name: made.name,
    weight: made.weight,
    maxRetries: made.maxRetries,
    maxLeaseLosses: made.maxLeaseLosses,
    timeoutMs: made.timeoutMs,
    expiresMs: made.expiresAt === undefined ? undefined : made.expiresAt - now,
    unique: made.unique,
    uniqueSpan: made.uniqueSpan,
    tags,
    limit: made.limit,
    data: made.data,
    payload: made.payload,
  };
}

function checkOccurrenceOptions(options: OccurrenceOptions): void {
  checkType(options, "object", "the options of its jobs");
  if (options.tags !== undefined) checkType(options.tags, "object", "tags");
  for (const name of NOT_IN_OPTIONS) {
    const value = (options as EnqueueOptions)[name];
    if (value !== undefined) throw wrongType(`options.${name}`, "left out", value);
  }
}

function topicOf(schedule: string, { job, topic, run }: ScheduleOptions): string {
  const given = [job, topic, run].filter((one) => one !== undefined);
  if (given.length !== 1)
    throw new TypeError(`a schedule takes one of job, topic and run, got ${given.length} of them`);
  if (run !== undefined && checkType(run, "function", "run")) return `jobq:schedule:${schedule}`;
  return topic ?? checkType(job as ScheduledJob, "object", "job").topic;
}
