import type { Job, JobHead } from "@jobq/core";
import type { GroupPolicy } from "../waits/group-policy.ts";
import type { RetryPolicy } from "./retry-policy.ts";

/** What modules of others keep in the `data` of a job. */
export interface ModuleData {
  readonly [module: `${string}.${string}`]: unknown;
}

/** What the service and its modules keep in the `data` of a job. Modules of others take keys with a dot in their names. */
export interface JobData extends ModuleData {
  readonly retry?: RetryPolicy | undefined;
  /** The topic that gets a copy of the job when it ends as `exhausted` or `poison`. */
  readonly deadLetter?: string | undefined;
  readonly origin?: string | undefined;
  readonly correlationId?: string | undefined;
  /** What a parent does about its group. */
  readonly group?: GroupPolicy | undefined;
  /** Set on a run of a workflow. */
  readonly run?: true | undefined;
}

const NONE: JobData = {};

/** What is kept with the job; nothing where it is of another kind. */
export function jobData({ data }: Pick<JobHead, "data">): JobData {
  if (data === undefined) return NONE;
  try {
    const parsed: unknown = JSON.parse(data);
    return typeof parsed === "object" && parsed !== null ? (parsed as JobData) : NONE;
  } catch {
    return NONE; // written by something that is no service
  }
}

/** As it is kept; undefined where there is nothing. */
export function encodeJobData(data: JobData): string | undefined {
  const text = JSON.stringify(data);
  return text === "{}" ? undefined : text;
}

/** Where a job comes from and what it is about, if it was said. */
export function originOf(job: JobHead): Pick<JobData, "origin" | "correlationId"> {
  const { origin, correlationId } = jobData(job);
  return { origin, correlationId };
}

/** The job with more that is kept with it. */
export function dataAdded(job: Job, data: JobData | undefined): Job {
  return data ? { ...job, data: encodeJobData({ ...jobData(job), ...data }) } : job;
}
