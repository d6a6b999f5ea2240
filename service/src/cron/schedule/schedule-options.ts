import type { Duration, OptionNames, Timestamp } from "@jobq/core";
import type { EnqueueDefinition, EnqueueOptions } from "../../module.ts";
import type { RunOccurrence } from "../loop/occurrence-context.ts";
import type { Missed } from "../occurrence/due-instants.ts";

/** The options of the jobs of a schedule. */
export type OccurrenceOptions = Omit<EnqueueOptions, "after" | "at" | "delay" | "unique" | "within">;

/** What a schedule enqueues, and how it treats missed instants. One of `job`, `topic` and `run` is required. */
export interface ScheduleOptions<Payload = unknown> {
  /**
   * A definition made by `defineJob`, run by workers that have it. Its schema checks the payload; its options are
   * defaults.
   */
  readonly job?: EnqueueDefinition<Payload> | undefined;
  /** The topic of its jobs. */
  readonly topic?: string | undefined;
  /** A handler that runs the jobs in this process, and in every process that sets it; they have their own topic. */
  readonly run?: RunOccurrence<Payload> | undefined;
  readonly payload?: Payload | undefined;
  /** An IANA time zone; `"UTC"`. */
  readonly timezone?: string | undefined;
  /** What happens to instants that passed while no process had started; `"one"`. */
  readonly missed?: Missed | undefined;
  /** With `missed: "all"`: make up only this many of the latest instants, from 1 to 10,000; all. */
  readonly most?: number | undefined;
  /** Each job is delayed by up to this much; the delay of an instant is the same in every process; 0. */
  readonly jitter?: Duration | undefined;
  /** If true, no new job while an earlier one is live. A string is the unique key to use. By default as in `job`. */
  readonly unique?: boolean | string | undefined;
  /** The last possible instant. With one in the past, the schedule is stored and over at once: it has no `nextAt`. */
  readonly until?: Date | Timestamp | undefined;
  readonly options?: OccurrenceOptions | undefined;
}

/** What {@link ScheduleOptions} there are. */
export const SCHEDULE_OPTIONS: OptionNames<ScheduleOptions> = {
  job: true,
  topic: true,
  run: true,
  payload: true,
  timezone: true,
  missed: true,
  most: true,
  jitter: true,
  unique: true,
  until: true,
  options: true,
};
