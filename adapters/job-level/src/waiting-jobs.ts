import type { JobHead, JobId } from "@jobq/core";
import type { Level, ReadOptions } from "@jobq/level";
import { handOutHead } from "./keep-head.ts";
import { idOfWaiting, waitingRange } from "./keys.ts";
import { rangePages } from "./range-pages.ts";
import { RecordReader } from "./record-reader.ts";
import type { WorkingSet } from "./working-set.ts";

/**
 * The ids of the jobs that wait for a slot of the limit's key, in the order in which they run. To be called at the
 * instant that the options are as of.
 */
export async function waitingIds(
  memory: WorkingSet,
  level: Level,
  options: ReadOptions,
  limitKey: string,
  limit = Infinity,
): Promise<JobId[]> {
  const range = waitingRange(limitKey);
  const walk = memory.starts.walk(range);
  const query = { range, after: undefined, before: undefined, isReverse: false, limit };
  const ids: JobId[] = [];
  try {
    const pages = rangePages(
      (bounds) => level.keys(bounds),
      (key) => key,
      query,
      walk,
      options,
    );
    for await (const page of pages) {
      for (const key of page) ids.push(idOfWaiting(range, key));
      if (ids.length >= limit) break;
    }
  } finally {
    walk.end();
  }
  return ids.slice(0, limit);
}

/** The heads of those jobs. */
export async function waitingJobs(
  memory: WorkingSet,
  level: Level,
  options: ReadOptions,
  limitKey: string,
  limit: number,
): Promise<JobHead[]> {
  const ids = await waitingIds(memory, level, options, limitKey, limit);
  const heads = await new RecordReader(level, options, memory.damage).live(ids, false);
  return heads.flatMap((head) => (head ? handOutHead(head) : []));
}
