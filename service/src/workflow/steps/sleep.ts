import { type Duration, durationMs, outOfRange, type Timestamp, wrongType } from "@jobq/core";
import { isFinished } from "../record/checkpoint.ts";
import type { Place } from "../run/code-places.ts";
import type { WorkflowRun } from "../run/workflow-run.ts";

const LAST_INSTANT = 8.64e15;

/** Waits until the instant, which is recorded once: no replay begins the wait anew. */
export function sleep(run: WorkflowRun, place: Place, until: Timestamp): Promise<unknown> {
  const { recorded } = place;
  if (recorded && isFinished(recorded)) return run.records.replay(place);
  return run.live(async () => {
    const end = recorded?.until ?? until;
    if (!recorded) run.writer.later(run.records.note(place, { until: end }));
    while ((await run.writer.now()) < end) await run.wait({ until: end });
    // That it has ended is told by the time alone: it is recorded for the order in which things happened.
    return run.records.finish(place, { value: undefined }, { isFinal: false, until: end });
  });
}

/** The instant that is so long from now. */
export function instantAfter(run: WorkflowRun, duration: Duration): Timestamp {
  return run.context.clock.now() + durationMs(duration, "the duration of a sleep");
}

/** @throws {TypeError | RangeError} not an instant */
export function checkInstant(at: Date | Timestamp): Timestamp {
  const instant = at instanceof Date ? at.getTime() : at;
  if (typeof instant !== "number") throw wrongType("the end of a sleep", "a Date or epoch milliseconds", at);
  if (instant >= 0 && instant <= LAST_INSTANT) return Math.ceil(instant);
  throw outOfRange("the end of a sleep", "an instant after 1970", at);
}
