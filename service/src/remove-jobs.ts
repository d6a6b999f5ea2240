import type { JobHead } from "@jobq/core";
import type { Engine } from "./engine.ts";
import { type PurgeOptions, purgeQuery } from "./input/job-query.ts";
import { requireStored } from "./store/refusal-error.ts";

const PURGE_PAGE = 1000;

/** Forgets jobs: any, or with `purge` those of them that have ended. Returns how many there were. */
export async function removeJobs(engine: Engine, jobs: readonly JobHead[], how: "remove" | "purge"): Promise<number> {
  if (jobs.length === 0) return 0;
  const unit = { now: engine.clock.now(), [how]: jobs.map(({ id }) => id) };
  return requireStored(await engine.writes.commit(unit, jobs)).removed.length;
}

/** Forgets the jobs that match and have ended, in batches; returns how many. */
export async function purgeJobs(engine: Engine, options: PurgeOptions): Promise<number> {
  const query = purgeQuery(options, await engine.sync(), PURGE_PAGE);
  let count = 0;
  for (;;) {
    const page = await engine.store.jobs.find(query);
    count += await removeJobs(engine, page, "purge");
    if (page.length < PURGE_PAGE) return count;
  }
}
