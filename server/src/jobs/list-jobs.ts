import type { CancelReason, JobHead, JobId, JobState, Timestamp } from "@jobq/core";
import type { JobService } from "@jobq/service";
import type { StateQuery } from "../wire/states.ts";

/** Which jobs to list, the newest first. */
export interface JobFilter {
  /** A job is listed when one of these fits; without any, no job is. */
  readonly states: readonly (
    | StateQuery
    | { readonly state?: never; readonly reason?: never; readonly tried?: never }
  )[];
  readonly name?: string | undefined;
  readonly topic?: string | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
  readonly createdAfter?: Timestamp | undefined;
  readonly createdBefore?: Timestamp | undefined;
  /** Only jobs older than this one: the last of the page before. */
  readonly before?: JobId | undefined;
  readonly limit: number;
}

/** A page of a list. */
export interface JobPage {
  readonly jobs: readonly JobHead[];
  /** Whether there are older ones. */
  readonly hasMore: boolean;
}

type Finder = Pick<JobService, "find">;

const PAGE = 1000;

/** The newest jobs that pass the filter. */
export async function listJobs(svc: Finder, filter: JobFilter): Promise<JobPage> {
  const found = await Promise.all(
    filter.states.map(({ state, reason, tried }) => newest(svc, filter, { state, reason }, tried)),
  );
  const jobs = found.flat().sort((a, b) => (a.id < b.id ? 1 : -1));
  return { jobs: jobs.slice(0, filter.limit), hasMore: jobs.length > filter.limit };
}

/** Up to one more than the limit of the newest jobs of a state, in any order. */
async function newest(
  svc: Finder,
  { name, topic, tags, createdAfter = 0, createdBefore = Number.POSITIVE_INFINITY, before, limit }: JobFilter,
  state: { readonly state: JobState | undefined; readonly reason: CancelReason | undefined },
  tried: boolean | undefined,
): Promise<JobHead[]> {
  const kept: JobHead[] = [];
  let after: JobId | undefined;
  for (;;) {
    const page = await svc.find({ ...state, name, topic, tags, after, limit: PAGE });
    for (const job of page) {
      if (before !== undefined && job.id >= before) return kept;
      const fits = tried === undefined || tried === job.attempt > 0;
      if (!fits || job.createdAt < createdAfter || job.createdAt > createdBefore) continue;
      if (kept.push(job) > limit + 1) kept.shift();
    }
    after = page.at(-1)?.id;
    if (page.length < PAGE || after === undefined) return kept;
  }
}
