import { isFinal, type JobId } from "@jobq/core";
import type { Engine } from "../engine.ts";

/** Told of jobs that other processes may have ended or removed; of no ids where it is not known which. */
export type OnChanged = (ids: readonly JobId[] | undefined) => void;

/** Has the engine hear which jobs end elsewhere, until the function that is returned is called. */
export function listenToChanges(engine: Engine): () => void {
  const { changeHooks, completionWaiters, report, store } = engine;
  const changed: OnChanged = (ids) => {
    completionWaiters.changed(ids);
    lookAtHeld(engine, ids).catch((error) => report(error, "reading jobs that are held"));
    for (const heard of changeHooks) heard(ids);
  };
  const stop = store.jobs.onChange?.(changed, (error) => report(error, "listening to other processes"));
  return () => stop?.();
}

/** Who holds one of these jobs, or any where it is not known which, learns that it has ended or is gone. */
async function lookAtHeld({ reservations, store }: Engine, ids: readonly JobId[] | undefined): Promise<void> {
  const held = ids ? ids.flatMap((id) => reservations.held(id) ?? []) : reservations.all();
  if (held.length === 0) return;
  const jobs = await store.jobs.get(held.map(({ id }) => id));
  for (const [index, one] of held.entries()) {
    const job = jobs[index];
    if (job) reservations.moved(job, isFinal(job.state));
    else if (reservations.held(one.id) === one) reservations.moved(one.head, true);
  }
}
