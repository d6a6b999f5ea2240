import type { JobHead } from "@jobq/core";
import type { EnqueueOptions } from "./enqueue-options.ts";
import { jobData } from "./job-data.ts";

const KEY = "worker.timeoutMs";

/**
 * Options of a job of which no attempt may take longer. A worker ends the attempt then, whatever its definition says; the
 * `timeout` alone is only the lease of a reservation that asks for no other.
 */
export function attemptTimeout(ms: number): Pick<EnqueueOptions, "timeout" | "data"> {
  return { timeout: ms, data: { [KEY]: ms } };
}

/** How long an attempt of the job may take, if that was said of the job itself. */
export function attemptTimeoutMs(job: Pick<JobHead, "data">): number | undefined {
  const ms = jobData(job)[KEY];
  return typeof ms === "number" && ms >= 1 ? ms : undefined;
}
