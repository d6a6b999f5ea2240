import { isFinal, type Timestamp } from "@jobq/core";
import type { ModuleContext } from "../../module.ts";
import type { Missed } from "../occurrence/due-instants.ts";
import type { When } from "../when/when.ts";
import type { StoredSchedule } from "./schedule-store.ts";
import { nextOf } from "./schedule-turn.ts";

/** A schedule and its state. */
export interface Schedule {
  readonly name: string;
  readonly when: When;
  readonly timezone: string;
  /** The topic of its jobs. */
  readonly topic: string;
  /** The name of the handler that runs its jobs. */
  readonly jobName: string;
  readonly payload: unknown;
  readonly missed: Missed;
  readonly most?: number | undefined;
  readonly jitterMs?: number | undefined;
  readonly untilAt?: Timestamp | undefined;
  readonly isPaused: boolean;
  /** Its job was canceled: it gives no jobs until it is set again, or that job is reset. */
  readonly isCanceled: boolean;
  /** The next instant, in the past if no process has started; undefined if it is paused, over or canceled. */
  readonly nextAt?: Timestamp | undefined;
  /** The last instant that produced a job. */
  readonly lastAt?: Timestamp | undefined;
}

/** What users see of a stored schedule. */
export function scheduleOf({ name, job, definition, state }: StoredSchedule, context: ModuleContext): Schedule {
  const { template, when, timezone, missed, most, jitterMs, untilAt } = definition;
  const isPaused = state.paused === true;
  return {
    ...{ name, when, timezone, missed, most, jitterMs, untilAt, isPaused },
    topic: template.topic,
    jobName: template.name,
    isCanceled: job.state === "canceled",
    payload: context.decode(template.payload),
    nextAt: isPaused || isFinal(job.state) ? undefined : nextOf(definition, state),
    lastAt: state.lastAt,
  };
}
