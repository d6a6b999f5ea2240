import { type JobHead, JobqError } from "@jobq/core";
import type { JobService } from "@jobq/service";
import { childrenFirst, meantBy, withoutCopies } from "@jobq/service/module";
import { type JobFilter, listJobs } from "./list-jobs.ts";

/** What a retry of many comes to. */
export interface BulkRetry {
  /** How many jobs fit the filter, up to the limit. */
  readonly matched: number;
  readonly retried: number;
  /** How many were left alone: they are no longer as they were found, or another job has their unique key. */
  readonly skipped: number;
  /** How many were passed over since they are copies of jobs, on a dead-letter topic that the filter does not name. */
  readonly copies: number;
  /** Where to go on, as `before`; undefined when there are no more. */
  readonly next: string | undefined;
}

/** How many are read, and reset, at a time: stores write together what is asked for together. */
const AT_ONCE = 500;

/**
 * Resets the jobs that pass the filter, the newest first, at most `limit` of them; with `dryRun` it only counts them. It
 * stops between two batches when `signal` aborts.
 */
export async function retryJobs(
  svc: Pick<JobService, "find" | "status" | "reset">,
  filter: JobFilter,
  { dryRun, signal }: { readonly dryRun: boolean; readonly signal: AbortSignal | undefined },
): Promise<BulkRetry> {
  let { before } = filter;
  let matched = 0;
  let retried = 0;
  let copies = 0;
  do {
    signal?.throwIfAborted();
    const { jobs, next } = await listJobs(svc, { ...filter, before, limit: Math.min(AT_ONCE, filter.limit - matched) });
    const work = meantBy(filter, jobs);
    const meant = await withoutCopies(filter, work, (ids) => Promise.all(ids.map((id) => svc.status(id))));
    copies += work.length - meant.length;
    matched += meant.length;
    if (!dryRun) retried += await resetAll(svc, meant);
    before = next;
  } while (before !== undefined && matched < filter.limit);
  return { matched, retried, skipped: dryRun ? 0 : matched - retried, copies, next: before };
}

/** Resets bundles after their members, and returns how many were reset. */
async function resetAll(svc: Pick<JobService, "reset">, jobs: readonly JobHead[]): Promise<number> {
  let count = 0;
  for (const turn of childrenFirst(jobs)) {
    const reset = await Promise.all(turn.map(({ id }) => svc.reset(id).then(() => true, isRefusal)));
    count += reset.filter(Boolean).length;
  }
  return count;
}

/** False for a job that could not be reset as it is; what is wrong with the store is thrown. */
function isRefusal(error: unknown): false {
  const refusals: readonly string[] = ["JOB_NOT_FOUND", "INVALID_STATE", "DUPLICATE_JOB"];
  if (error instanceof JobqError && refusals.includes(error.code)) return false;
  throw error;
}
