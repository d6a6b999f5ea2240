import type { Duration, OptionNames } from "@jobq/core";

/** How to try a job again. */
export interface RetryOptions {
  /** What went wrong; kept with the job. */
  readonly error?: unknown;
  /** Instead of the job's own back-off. */
  readonly delay?: Duration | undefined;
}

/** What {@link RetryOptions} there are. */
export const RETRY_OPTIONS: OptionNames<RetryOptions> = { error: true, delay: true };
