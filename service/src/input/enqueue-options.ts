import type { Duration, OptionNames, Timestamp } from "@jobq/core";
import type { WriteOptions } from "../store/within.ts";
import { JOB_DEFAULTS, type JobDefaults } from "./job-defaults.ts";

/** How a job is to be run. */
export interface EnqueueOptions extends JobDefaults, WriteOptions {
  /** Not before so long from now. */
  readonly delay?: Duration | undefined;
  /** Not before this instant; instead of `delay`. */
  readonly at?: Date | Timestamp | undefined;
  /** While a job with this key is neither done nor canceled, enqueueing another returns that one's id. */
  readonly unique?: string | undefined;
  /** Which handler runs it; by default the topic. */
  readonly name?: string | undefined;
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
  name: true,
  tags: true,
};
