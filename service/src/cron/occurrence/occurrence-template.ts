import { type Timestamp, wrongType } from "@jobq/core";
import {
  checkOwnTopic,
  checkType,
  definedOptions,
  type EnqueueDefinition,
  type EnqueueOptions,
  encodeJobData,
  isDefinition,
  jobData,
  type ModuleContext,
} from "../../module.ts";
import type { OccurrenceTemplate } from "../schedule/schedule-definition.ts";
import type { OccurrenceOptions, ScheduleOptions } from "../schedule/schedule-options.ts";

/** What the schedule itself decides. */
const NOT_IN_OPTIONS: readonly (keyof EnqueueOptions)[] = ["after", "at", "delay", "unique", "within"];

/**
 * What the jobs of a schedule are made from: one of them as `enqueue` would store it, so that options mean what they
 * mean there, those of a definition and its schema too.
 * @throws {TypeError | RangeError | JobqError} as `enqueue` does
 */
export function occurrenceTemplate(
  context: ModuleContext,
  schedule: string,
  scheduleOptions: ScheduleOptions,
  now: Timestamp,
): OccurrenceTemplate {
  const { job, run, payload } = scheduleOptions;
  const topic = topicOf(schedule, scheduleOptions);
  const options = jobOptions(scheduleOptions);
  // The instant is each job's own; here it only takes its place among the tags.
  const tags = { ...options.tags, schedule };
  const made = context.newJob(
    topic,
    job ? job.parse(payload) : payload,
    {
      ...options,
      tags: { ...tags, instant: new Date(now).toISOString() },
      name: options.name ?? (run ? schedule : undefined),
      unique: uniqueOf(schedule, scheduleOptions, options.unique),
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
    group: job?.group,
    limit: made.limit,
    data: encodeJobData({ ...jobData(made), ...job?.data }),
    payload: made.payload,
  };
}

/** Those of the schedule, and where it says nothing those of its definition. */
function jobOptions({ job, options = {} }: ScheduleOptions): EnqueueOptions {
  checkOccurrenceOptions(options);
  return job ? definedOptions(job, options) : options;
}

function checkOccurrenceOptions(options: OccurrenceOptions): void {
  checkType(options, "object", "the options of its jobs");
  if (options.tags !== undefined) checkType(options.tags, "object", "tags");
  for (const name of NOT_IN_OPTIONS) {
    const value = (options as EnqueueOptions)[name];
    if (value !== undefined) throw wrongType(`options.${name}`, "left out", value);
  }
}

/** The key that the schedule asks for, or its definition; an instant that finds it taken passes without a job. */
function uniqueOf(
  schedule: string,
  { unique }: ScheduleOptions,
  defined: EnqueueOptions["unique"],
): EnqueueOptions["unique"] {
  if (unique === true) return `schedule ${schedule}`;
  if (unique !== undefined) return unique === false ? undefined : unique;
  if (typeof defined === "object" && defined.onConflict !== undefined && defined.onConflict !== "return")
    throw wrongType("unique.onConflict of the job of a schedule", "return", defined.onConflict);
  if (typeof defined === "object" && defined.for !== undefined)
    throw wrongType("unique.for of the job of a schedule", "left out", defined.for);
  return defined;
}

function topicOf(schedule: string, { job, topic, run }: ScheduleOptions): string {
  const given = [job, topic, run].filter((one) => one !== undefined);
  if (given.length !== 1)
    throw new TypeError(`a schedule takes one of job, topic and run, got ${given.length} of them`);
  if (run !== undefined && checkType(run, "function", "run")) return `jobq:schedule:${schedule}`;
  if (topic !== undefined) return checkOwnTopic(topic);
  if (isDefinition(job)) return (job as EnqueueDefinition).topic;
  throw wrongType("job", "made by defineJob", job);
}
