import type { JobHead, JobQuery } from "@jobq/core";
import type { Engine } from "../engine.ts";
import { type PurgeOptions, purgeQuery } from "../input/job-query.ts";
import { purgeEnded } from "../remove-jobs.ts";
import { isDryRun } from "./many-options.ts";

/** Jobs that are found, and forgotten, together. */
const PAGE = 1000;

/** Forgets the jobs that match and have ended, in batches; returns how many. With `dryRun` it only counts them. */
export async function purgeJobs(engine: Engine, options: PurgeOptions): Promise<number> {
  const query = purgeQuery(options, await engine.sync(), PAGE);
  const onlyCounts = isDryRun(options);
  let count = 0;
  await eachPage(engine, query, async (page) => {
    count += onlyCounts ? page.filter(({ links }) => !links).length : await purgeEnded(engine, page);
    return true;
  });
  return count;
}

/** Passes on what matches, page by page, as long as it is asked to go on. */
export async function eachPage(
  { store }: Engine,
  query: JobQuery,
  take: (page: readonly JobHead[]) => Promise<boolean>,
): Promise<void> {
  for (let { after } = query; ; ) {
    const page = await store.jobs.find({ ...query, after });
    after = page.at(-1)?.id; // some may have to stay
    if (!(await take(page)) || page.length < PAGE) return;
  }
}
