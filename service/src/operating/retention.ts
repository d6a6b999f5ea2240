import { Deadline, type JobId, type JobQuery, type Timestamp } from "@jobq/core";
import type { Engine } from "../engine.ts";
import { purgeEnded } from "../remove-jobs.ts";
import { eachPage, withoutLiveParents } from "./purge.ts";

/** How long ended jobs are kept, by how they ended; for ever where nothing is said. */
export interface Keep {
  readonly done?: number | undefined;
  readonly canceled?: number | undefined;
}

/** Jobs that are looked at together. */
const PAGE = 1000;
/** The longest and the shortest pause between two looks. */
const LONGEST_MS = 3_600_000;
const SHORTEST_MS = 1000;
/** Where what is done goes in the write that completes it: what is left then is little, and looking costs. */
const LEFT_MS = 60_000;

/**
 * Forgets what ended long enough ago, now and from time to time, until the function that is returned is called. It
 * leaves what others wait to be told of, and what belongs to a bundle or a run that has not ended.
 */
export function keepSoLong(engine: Engine, keep: Keep): () => void {
  const isInWrite = keep.done === 0 && !engine.store.direct; // direct writes leave it to these looks
  const pauseMs = Math.min(isInWrite ? LEFT_MS : pauseFor(keep.done), pauseFor(keep.canceled));
  let isStopped = false;
  let unset = (): void => {};
  const sweep = async (): Promise<void> => {
    try {
      for (const state of ["done", "canceled"] as const) {
        const ms = keep[state];
        if (ms !== undefined && !engine.isLockedOut)
          await forget(engine, state, (await engine.sync()) - ms, () => isStopped);
      }
    } catch (error) {
      if (!isStopped) engine.report(error, "forgetting what ended long ago");
    }
    if (!isStopped) unset = new Deadline(engine.clock, pauseMs).onOver(sweep, true);
  };
  void sweep();
  return () => {
    isStopped = true;
    unset();
  };
}

/** How long to wait before the next look for what is kept so long. */
function pauseFor(keptMs = Infinity): number {
  return Math.min(LONGEST_MS, Math.max(SHORTEST_MS, keptMs / 10));
}

async function forget(
  engine: Engine,
  state: "done" | "canceled",
  until: Timestamp,
  isStopped: () => boolean,
): Promise<void> {
  if (until < 0) return;
  for (const range of rangesOf(until, engine.clock.now())) {
    await eachPage(engine, { state, finishedBy: until, limit: PAGE, ...range }, async (page) => {
      await purgeEnded(engine, await withoutLiveParents(page, (ids) => engine.store.jobs.get(ids)));
      return !isStopped();
    });
  }
}

/**
 * What ended by then was enqueued by then. Ids that the service makes by default begin with that instant, so those in
 * between need not be walked; ids of another kind, of the user's own or imported, come before or after all of these.
 */
function rangesOf(until: Timestamp, now: Timestamp): Pick<JobQuery, "before" | "after">[] {
  return [{ before: firstIdAfter(until) }, { after: firstIdAfter(now) }];
}

function firstIdAfter(instant: Timestamp): JobId {
  const digits = (instant + 1).toString(16).padStart(12, "0");
  return `${digits.slice(0, 8)}-${digits.slice(8)}`;
}
