import type { JobId, LimitSlots } from "@jobq/core";
import type { Level, ReadOptions } from "@jobq/level";
import { idOfWaiting, waitingRange } from "../layout/keys.ts";
import type { WorkingSet } from "../memory/working-set.ts";
import { handOutHead } from "../record/keep-head.ts";
import { RecordReader } from "../record/record-reader.ts";
import { rangePages } from "./range-pages.ts";

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

/** The slots of the limits' keys that are held, and the heads of those jobs. */
export function limitSlots(
  memory: WorkingSet,
  level: Level,
  options: ReadOptions,
  limitKeys: readonly string[],
  limit: number,
): Promise<LimitSlots[]> {
  const reader = new RecordReader(level, options, memory.damage);
  const slotsOf = async (key: string): Promise<LimitSlots> => {
    const held = memory.slots.held(key); // before anything is waited for
    const heads = await reader.live(await waitingIds(memory, level, options, key, limit), false);
    return { held, waiting: heads.flatMap((head) => (head ? handOutHead(head) : [])) };
  };
  return Promise.all(limitKeys.map(slotsOf));
}
