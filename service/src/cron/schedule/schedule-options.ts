import type { Duration, OptionNames, Timestamp } from "@jobq/core";
import type { EnqueueDefinition, EnqueueOptions } from "../../module.ts";
import type { RunOccurrence } from "../loop/occurrence-context.ts";
import type { Missed } from "../occurrence/due-instants.ts";

/** How the jobs of a schedule are run; when is the schedule's to say. */
export type OccurrenceOptions = Omit<EnqueueOptions, "after" | "at" | "delay" | "unique" | "within">;

/** What a schedule enqueues and how it treats the past. One of `job`, `topic` and `run` is needed. */
export interface ScheduleOptions<Payload = unknown> {
  /** A job made by `defineJob`, run by the workers that have it; its schema and its options hold here too. */
  readonly job?: EnqueueDefinition<Payload> | undefined;
  /** The topic of its jobs. */
  readonly topic?: string | undefined;
  /** Runs its jobs by a worker in this process, and in each that sets it so; they have a topic of their own. */
  readonly run?: RunOccurrence<Payload> | undefined;
  readonly payload?: Payload | undefined;
  /** IANA name; `"UTC"`. */
  readonly timezone?: string | undefined;
  /** What becomes of instants that passed while nobody was there: `"one"`. */
  readonly missed?: Missed | undefined;
  /** With `missed: "all"`: at most so many of the latest are made up; all of them. From 1 to 10,000. */
  readonly most?: number | undefined;
  /** Each job runs up to so much later than its instant, by a time that is fixed for that instant; 0. */
  readonly jitter?: Duration | undefined;
  /** No new job while an earlier one is neither done nor canceled; a string is the key that says which. As the job has it. */
  readonly unique?: boolean | string | undefined;
  /** The last instant that may count. */
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
