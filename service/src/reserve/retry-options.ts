import type { Duration, OptionNames } from "@jobq/core";

/** The options of `job.retry`. */
export interface RetryOptions {
  /** The error; stored with the job. */
  readonly error?: unknown;
  /** The delay before the next attempt, instead of the job's back-off. */
  readonly delay?: Duration | undefined;
}

/** What {@link RetryOptions} there are. */
export const RETRY_OPTIONS: OptionNames<RetryOptions> = { error: true, delay: true };
