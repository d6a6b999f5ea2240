import type { JobHead } from "@jobq/core";
import type { GroupPolicy } from "../waits/group-policy.ts";

/** When a job is tried again, as it is kept with the job: every process can apply it. Durations are milliseconds. */
export interface RetryData {
  readonly type: "constant" | "linear" | "exponential";
  /** Before the first retry. */
  readonly min: number;
  /** Never longer than this. */
  readonly max: number;
  /** What each further delay is multiplied by, where it is exponential. */
  readonly factor: number;
  /** By how much delays of equal rank vary: the longest is `1 + jitter` times the shortest. */
  readonly jitter: number;
}

/** What the service and its modules keep in the `data` of a job. Modules of others take keys with a dot in their names. */
export interface JobData {
  readonly retry?: RetryData | undefined;
  readonly origin?: string | undefined;
  readonly correlationId?: string | undefined;
  /** What a parent does about its group. */
  readonly group?: GroupPolicy | undefined;
  readonly [module: `${string}.${string}`]: unknown;
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
