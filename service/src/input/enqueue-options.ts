import type { Duration, JobId, JobLimit, OptionNames, Timestamp } from "@jobq/core";
import type { WriteOptions } from "../store/within.ts";
import type { AfterOption } from "./after-option.ts";
import type { ModuleData } from "./job-data.ts";
import { JOB_DEFAULTS, type JobDefaults } from "./job-defaults.ts";
import type { UniqueOption } from "./unique-option.ts";

/** How a job is to be run. */
export interface EnqueueOptions extends JobDefaults, WriteOptions {
  /** Not before so long from now. */
  readonly delay?: Duration | undefined;
  /** Not before this instant; instead of `delay`. */
  readonly at?: Date | Timestamp | undefined;
  /**
   * While a job with this key is neither done nor canceled, enqueueing another returns that one's id; or what else the
   * option says.
   */
  readonly unique?: string | UniqueOption | undefined;
  /** Not before these jobs have ended; by default all of them, and canceled with the first that is canceled. */
  readonly after?: readonly (JobId | number)[] | AfterOption | undefined;
  /** At most so many live jobs with the key are admitted at once; the others wait in order of weight and arrival. */
  readonly limit?: JobLimit | undefined;
  /** Time to live: a job that is met so long after now, or later, is canceled as `expired` instead of handed out. */
  readonly expires?: Duration | undefined;
  /** Where the job comes from, for people: 1 to 255 characters. */
  readonly origin?: string | undefined;
  /** What the job is about, across systems: 1 to 255 characters. */
  readonly correlationId?: string | undefined;
  /** Which handler runs it; by default the topic. */
  readonly name?: string | undefined;
  /** What modules keep with the job, beside the service: plain data, each key with a dot in its name. */
  readonly data?: ModuleData | undefined;
  /** Small words to find it by: at most 32, names and values of 1 to 255 characters. */
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
