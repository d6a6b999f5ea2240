import type { Change, Job, JobId, Timestamp } from "@jobq/core";
import { type Due, dueInstants } from "../occurrence/due-instants.ts";
import { occurrenceOf } from "../occurrence/occurrence.ts";
import { instantsOf } from "../when/instants.ts";
import type { ScheduleDefinition, ScheduleState } from "./schedule-definition.ts";

/** What is to be stored of a schedule at an instant. */
export interface ScheduleTurn {
  /** The jobs of its instants that have come. */
  readonly insert: readonly Job[];
  readonly state: ScheduleState;
  /** When it is to be looked at again; undefined when it is over. */
  readonly nextAt: Timestamp | undefined;
}

/** Works out what a schedule owes at `now`: the same in every process, and nothing that it has given already. */
export function scheduleTurn(
  name: string,
  definition: ScheduleDefinition,
  state: ScheduleState,
  now: Timestamp,
): ScheduleTurn {
  const { handledTo, paused } = state;
  const instants = instantsOf(definition.when, definition.timezone);
  const due: Due = dueInstants(instants, definition, handledTo, paused ? handledTo : now);
  return {
    insert: due.instants.map((instant) => occurrenceOf(name, definition, instant, now)),
    state: { ...state, handledTo: due.handledTo, lastAt: due.instants.at(-1) ?? state.lastAt },
    nextAt: due.nextAt,
  };
}

/** The first instant that is not dealt with yet, undefined when the schedule is over. */
export function nextOf(
  { when, timezone, untilAt }: ScheduleDefinition,
  { handledTo }: ScheduleState,
): Timestamp | undefined {
  const next = instantsOf(when, timezone).next(handledTo);
  return next !== undefined && next <= (untilAt ?? next) ? next : undefined;
}

/** How the holder lets go of the job that is the schedule: until its next instant, until it is resumed, or for good. */
export function restUntilNext(id: JobId, token: number, { state, nextAt }: ScheduleTurn, now: Timestamp): Change {
  if (state.paused) return { type: "suspend", id, token, awaits: "" };
  if (nextAt === undefined) return { type: "done", id, token };
  return nextAt > now ? { type: "suspend", id, token, at: nextAt, awaits: "" } : { type: "suspend", id, token };
}
