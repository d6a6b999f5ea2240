import type { Duration, JobId, JobLimit, OptionNames, Timestamp } from "@jobq/core";
import type { WriteOptions } from "../store/within.ts";
import type { AfterOption } from "./after-option.ts";
import type { ModuleData } from "./job-data.ts";
import { JOB_DEFAULTS, type JobDefaults } from "./job-defaults.ts";
import type { UniqueOption } from "./unique-option.ts";

/** The options of a new job. */
export interface EnqueueOptions extends JobDefaults, WriteOptions {
  /** The job does not run earlier than this from now. */
  readonly delay?: Duration | undefined;
  /** The job does not run before this instant; instead of `delay`. */
  readonly at?: Date | Timestamp | undefined;
  /**
   * A unique key. While a job with this key is neither done nor canceled, enqueueing another one stores nothing and
   * returns the id of the first. An object changes these rules.
   */
  readonly unique?: string | UniqueOption | undefined;
  /** Jobs that must end first. By default all of them; if one is canceled, this job is canceled too. */
  readonly after?: readonly (JobId | number)[] | AfterOption | undefined;
  /**
   * At most `concurrency` jobs with this key are admitted at once; the others wait, by weight and then in order of
   * arrival.
   */
  readonly limit?: JobLimit | undefined;
  /** Time to live: once this has passed, the job is canceled as `expired` instead of being handed out. */
  readonly expires?: Duration | undefined;
  /** Where the job comes from: 1 to 255 characters, for people to read. */
  readonly origin?: string | undefined;
  /** What the job belongs to in other systems: 1 to 255 characters. */
  readonly correlationId?: string | undefined;
  /** The name of the handler that runs the job; by default the topic. */
  readonly name?: string | undefined;
  /** Plain data that modules outside the service store with the job; each key needs a dot in its name. */
  readonly data?: ModuleData | undefined;
  /** Labels to find the job by: at most 32 names, with names and values of 1 to 255 characters. */
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

/** What {@link EnqueueOptions} there are. */
export const ENQUEUE_OPTIONS: OptionNames<EnqueueOptions> = {
  ...JOB_DEFAULTS,
  within: true,
  delay: true,
  at: true,
  unique: true,
  after: true,
  limit: true,
  expires: true,
  origin: true,
  correlationId: true,
  name: true,
  data: true,
  tags: true,
};
