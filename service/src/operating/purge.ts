import { checkOptions, isFinal, type JobHead, type JobId, type JobQuery } from "@jobq/core";
import type { Engine } from "../engine.ts";
import { type PurgeOptions, purgeQuery } from "../input/job-query.ts";
import { meantBy } from "../input/topic-names.ts";
import { purgeEnded } from "../remove-jobs.ts";
import { isDryRun, type ManyOptions } from "./many-options.ts";

/** Jobs that are found, and forgotten, together. */
const PAGE = 1000;

/** Forgets the jobs that match and have ended, in batches; returns how many. With `dryRun` it only counts them. */
export async function purgeJobs(engine: Engine, asked: PurgeOptions, options: ManyOptions): Promise<number> {
  const query = purgeQuery(asked, await engine.sync(), PAGE);
  checkOptions(options, { dryRun: true });
  const onlyCounts = [asked, options].map(isDryRun).includes(true);
  let count = 0;
  await eachPage(engine, query, async (page) => {
    const spare = await withoutLiveParents(meantBy(query, page), (ids) => engine.store.jobs.get(ids));
    count += onlyCounts ? spare.filter(({ links }) => !links).length : await purgeEnded(engine, spare);
    return true;
  });
  return count;
}

/** Leaves out whose parent has not ended: bundles count their members, and runs read the results of their children. */
export async function withoutLiveParents(
  page: readonly JobHead[],
  look: (ids: readonly JobId[]) => Promise<readonly (Pick<JobHead, "state"> | undefined)[]>,
): Promise<readonly JobHead[]> {
  const ids = [...new Set(page.flatMap(({ parent }) => parent ?? []))];
  if (ids.length === 0) return page;
  const parents = await look(ids);
  const live = new Set(ids.filter((_, at) => !isFinal(parents[at]?.state ?? "done")));
  return page.filter(({ parent }) => parent === undefined || !live.has(parent));
}

/** Passes on what matches, page by page, as long as it is asked to go on. */
export async function eachPage(
  { store }: Engine,
  query: JobQuery,
  take: (page: readonly JobHead[]) => Promise<boolean>,
): Promise<void> {
  const side = query.order === "newest" ? "before" : "after";
  for (let last = query[side]; ; ) {
    const page = await store.jobs.find({ ...query, [side]: last });
    last = page.at(-1)?.id; // some may have to stay
    if (!(await take(page)) || page.length < PAGE) return;
  }
}
