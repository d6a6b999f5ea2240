import { isFinal, type Timestamp } from "@jobq/core";
import { haveSameTimes, type ScheduleDefinition, type ScheduleState } from "./schedule-definition.ts";
import type { ScheduleEdit, StoredSchedule } from "./schedule-store.ts";
import { nextOf, scheduleTurn } from "./schedule-turn.ts";

/** Makes the definition that of the schedule, undefined when it is so already. */
export function definitionEdit(
  current: StoredSchedule | undefined,
  definition: ScheduleDefinition,
  now: Timestamp,
): ScheduleEdit | undefined {
  if (!current) return { ...startedAt(definition, { handledTo: now }, now), definition };
  const { job, definition: old } = current;
  const isSame = JSON.stringify(old) === JSON.stringify(definition) && job.state !== "canceled";
  if (isSame && !isOutdated(current)) return undefined;
  const settled = settledEdit(current, now);
  if (settled.unfinished) return settled;
  const goesOn = haveSameTimes(old, definition) && !isFinal(job.state);
  const edit = goesOn
    ? { ...settled, nextAt: nextOf(definition, settled.state) }
    : startedAt(definition, settled.state, now);
  return { ...edit, insert: settled.insert, definition };
}

/** True when it waits for an instant that is none of its own any more: the rules of its time zone have changed since. */
function isOutdated({ job, definition, state }: StoredSchedule): boolean {
  return job.state === "delayed" && !state.paused && job.runAt !== nextOf(definition, state);
}

/** Holds it back; undefined when it is paused already. */
export function pauseEdit(current: StoredSchedule, now: Timestamp): ScheduleEdit | undefined {
  if (current.state.paused) return undefined;
  const settled = settledEdit(current, now);
  return settled.unfinished ? settled : { ...settled, state: { ...settled.state, paused: true } };
}

/** Lets it go on; undefined when it is not paused. */
export function resumeEdit({ definition, state }: StoredSchedule, now: Timestamp): ScheduleEdit | undefined {
  return state.paused && startedAt(definition, { ...state, paused: undefined }, now);
}

/** What was due until now by what it has been so far; unfinished when that is more than one unit takes. */
function settledEdit({ name, job, definition, state }: StoredSchedule, now: Timestamp): ScheduleEdit {
  if (isFinal(job.state)) return { insert: [], state, nextAt: undefined };
  const turn = scheduleTurn(name, definition, state, now);
  return { ...turn, unfinished: !state.paused && turn.nextAt !== undefined && turn.nextAt <= now };
}

/** Counts from now on. */
function startedAt(definition: ScheduleDefinition, state: ScheduleState, now: Timestamp): ScheduleEdit {
  const started = { ...state, handledTo: Math.max(state.handledTo, now) };
  return { insert: [], state: started, nextAt: nextOf(definition, started) };
}
