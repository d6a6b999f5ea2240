import type { JobHead, JobId, Timestamp } from "@jobq/core";
import type { FindOptions, JobService } from "@jobq/service";
import type { StateQuery } from "../wire/states.ts";

/** Which jobs to list, the newest first. */
export interface JobFilter extends Pick<FindOptions, "name" | "topic" | "tags" | "unique" | "group" | "before"> {
  /** A job is listed when one of these fits; without any, no job is. */
  readonly states: readonly Partial<StateQuery>[];
  readonly createdAfter?: Timestamp | undefined;
  readonly createdBefore?: Timestamp | undefined;
  readonly limit: number;
}

/** A page of a list. */
export interface JobPage {
  readonly jobs: readonly JobHead[];
  /** Where the page after this one begins, as `before`; undefined when this is the last one. */
  readonly next: JobId | undefined;
}

type Finder = Pick<JobService, "find">;

/** What one look at a state found. */
interface Found {
  readonly jobs: readonly JobHead[];
  /** Set when it gave up after many jobs that do not pass: the last one it looked at. */
  readonly upTo: JobId | undefined;
}

const PAGE = 1000;

/** How many jobs one call looks at, of each state; a filter that few pass gives short pages instead of long waits. */
const MAX_SCANNED = 50_000;

/** How far ids of different processes may be out of the order of creation. */
const SKEW_MS = 60_000;

/** The newest jobs that pass the filter. A page may be short of the limit and yet have one after it. */
export async function listJobs(svc: Finder, filter: JobFilter): Promise<JobPage> {
  const found = await Promise.all(filter.states.map((state) => newest(svc, filter, state)));
  const givenUp = found.map(({ upTo }) => upTo ?? "").sort();
  // What is older than where one look gave up is for the next page: that look may have missed some of it.
  const upTo = givenUp.at(-1) ?? "";
  const jobs = found.flatMap((one) => one.jobs).filter(({ id }) => id >= upTo);
  jobs.sort((a, b) => (a.id < b.id ? 1 : -1));
  const page = jobs.slice(0, filter.limit);
  return { jobs: page, next: jobs.length > filter.limit ? page.at(-1)?.id : upTo || undefined };
}

/** Up to one more than the limit. */
async function newest(svc: Finder, filter: JobFilter, { state, reason, tried }: Partial<StateQuery>): Promise<Found> {
  const {
    name,
    topic,
    tags,
    unique,
    group,
    limit,
    createdAfter = 0,
    createdBefore = Number.POSITIVE_INFINITY,
  } = filter;
  const isPlain = tried === undefined && createdAfter === 0 && createdBefore === Number.POSITIVE_INFINITY;
  const size = isPlain ? limit + 1 : PAGE;
  const kept: JobHead[] = [];
  let { before } = filter;
  for (let scanned = 0; scanned < MAX_SCANNED; scanned += size) {
    const query = { state, reason, name, topic, tags, unique, group, before } as const;
    const page = await svc.find({ ...query, order: "newest", limit: size });
    for (const job of page) {
      if (job.createdAt < createdAfter - SKEW_MS) return { jobs: kept, upTo: undefined };
      const fits = tried === undefined || tried === job.attempt > 0;
      if (fits && job.createdAt >= createdAfter && job.createdAt <= createdBefore && kept.push(job) > limit) {
        return { jobs: kept, upTo: undefined };
      }
    }
    before = page.at(-1)?.id;
    if (page.length < size || before === undefined) return { jobs: kept, upTo: undefined };
  }
  return { jobs: kept, upTo: before };
}
