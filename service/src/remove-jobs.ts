import { isFinal, type JobHead, type JobId } from "@jobq/core";
import type { Engine } from "./engine.ts";
import { requireStored } from "./store/refusal-error.ts";

/** Forgets those of the jobs that have ended and whose end nobody has to be told of. Returns how many there were. */
export async function purgeEnded({ writes, clock }: Engine, jobs: readonly JobHead[]): Promise<number> {
  if (jobs.length === 0) return 0;
  const unit = { now: clock.now(), purge: jobs.map(({ id }) => id) };
  return requireStored(await writes.commit(unit, jobs)).removed.length;
}

/**
 * Forgets a job, whatever its state; false when it was gone. One that has not ended is canceled in the unit that forgets
 * it: from then on nobody begins to wait for it, and who does so already keeps it from being forgotten before being told.
 */
export async function removeJob({ followUps, store, writes, clock }: Engine, job: JobHead): Promise<boolean> {
  const { id } = job;
  for (let found: JobHead | undefined = job; found; [found] = await store.jobs.get([id])) {
    const now = clock.now();
    if (!isFinal(found.state)) {
      const apply = [{ type: "cancel", id, reason: "canceled" }] as const;
      const outcome = await writes.commit({ now, apply, purge: [id] }, [found]);
      if (outcome.ok && outcome.removed.length > 0) return true;
    } else if (found.links === undefined) {
      return requireStored(await writes.commit({ now, remove: [id] }, [found])).removed.length > 0;
    } else {
      await followUps.tell(found);
    }
  }
  return false;
}

/** Forgets a job that cannot be read; false when there is none. */
export async function removeDamaged({ writes, clock }: Engine, id: JobId): Promise<boolean> {
  return requireStored(await writes.commit({ now: clock.now(), remove: [id] })).removed.length > 0;
}
