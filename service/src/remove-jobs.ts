import { isFinal, type JobHead, type JobId } from "@jobq/core";
import type { Engine } from "./engine.ts";
import { type PurgeOptions, purgeQuery } from "./input/job-query.ts";
import { requireStored } from "./store/refusal-error.ts";

const PURGE_PAGE = 1000;

/** Forgets jobs: any, or with `purge` those of them that have ended. Returns how many there were. */
export async function removeJobs(engine: Engine, jobs: readonly JobHead[], how: "remove" | "purge"): Promise<number> {
  if (jobs.length === 0) return 0;
  if (how === "remove") for (const job of jobs) await tellEnd(engine, job);
  const unit = { now: engine.clock.now(), [how]: jobs.map(({ id }) => id) };
  return requireStored(await engine.writes.commit(unit, jobs)).removed.length;
}

/** Forgets a job that cannot be read, if there is one. Returns how many there were. */
export async function removeDamaged(engine: Engine, id: JobId): Promise<number> {
  return requireStored(await engine.writes.commit({ now: engine.clock.now(), remove: [id] })).removed.length;
}

/** Ends a job that others wait for, and tells them, before it is gone with the notes that say who they are. */
async function tellEnd(engine: Engine, { id, links, state }: JobHead): Promise<void> {
  if (links === undefined) return;
  if (!isFinal(state)) {
    const apply = [{ type: "cancel", id, reason: "canceled" }] as const;
    await engine.writes.commit({ now: engine.clock.now(), apply });
  }
  const [job] = await engine.store.jobs.get([id]);
  if (job) await engine.followUps.tell(job);
}

/** Forgets the jobs that match and have ended, in batches; returns how many. */
export async function purgeJobs(engine: Engine, options: PurgeOptions): Promise<number> {
  const query = purgeQuery(options, await engine.sync(), PURGE_PAGE);
  let count = 0;
  for (let after: JobId | undefined; ; ) {
    const page = await engine.store.jobs.find({ ...query, after });
    after = page.at(-1)?.id; // some may have to stay
    count += await removeJobs(engine, page, "purge");
    if (page.length < PURGE_PAGE) return count;
  }
}
