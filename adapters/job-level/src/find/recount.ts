import { type Level, UTF8 } from "@jobq/level";
import { type CountsAfter, JobCounts } from "../memory/job-counts.ts";
import type { WorkingSet } from "../memory/working-set.ts";
import { Finder } from "./finder.ts";

/** The counts as they are, by reading all jobs. */
export async function recount(memory: WorkingSet, level: Level): Promise<CountsAfter> {
  const pages = new Finder({ limit: Number.MAX_SAFE_INTEGER }, memory, level, UTF8).pages();
  return memory.counts.replacedBy(await JobCounts.of(pages));
}
