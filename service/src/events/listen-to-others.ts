import type { JobId } from "@jobq/core";
import type { Engine } from "../engine.ts";
import type { AfterCommit } from "../waits/after-commit.ts";

/** Told of jobs that other processes may have ended or removed; of no ids where it is not known which. */
export type OnChanged = (ids: readonly JobId[] | undefined) => void;

/** Has the engine hear what other processes do, as far as the store tells, until the function that is returned is called. */
export function listenToOthers(engine: Engine, afterCommit: AfterCommit): () => void {
  const { completionWaiters, dispatcher, report, reservations } = engine;
  const { jobs, topics } = engine.store;
  const failed = (error: unknown): void => report(error, "listening to other processes");
  const changed: OnChanged = (ids) => {
    completionWaiters.changed(ids);
    afterCommit.changed(ids);
    if (ids) reservations.changed(ids, jobs).catch((error) => report(error, "reading jobs that are held"));
    for (const heard of engine.changeHooks) heard(ids);
  };
  const undo = [topics.onPush?.((topic) => dispatcher.wake(topic), failed), jobs.onChange?.(changed, failed)];
  return () => {
    for (const take of undo) take?.();
  };
}
