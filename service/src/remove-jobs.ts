import { isFinal, type JobHead, type JobId } from "@jobq/core";
import type { Engine } from "./engine.ts";
import { requireStored } from "./store/refusal-error.ts";

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
