import { type Level, UTF8 } from "@jobq/level";
import { Finder } from "./finder.ts";
import { type CountsAfter, JobCounts } from "./job-counts.ts";
import type { WorkingSet } from "./working-set.ts";

/** Counts the jobs anew, by reading all of them; returns what has to be written for it. */
export async function recount(memory: WorkingSet, level: Level): Promise<CountsAfter> {
  const pages = new Finder({ limit: Number.MAX_SAFE_INTEGER }, memory, level, UTF8).pages();
  return memory.counts.replace(await JobCounts.of(pages));
}
