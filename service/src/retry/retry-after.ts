import { type Duration, durationMs } from "@jobq/core";

/** Thrown by a handler: try again, but not before so long. Never earlier than asked; spread by up to a tenth more. */
export class RetryAfter extends Error {
  override readonly name = "RetryAfter";
  /** Milliseconds. */
  readonly delayMs: number;

  /**
   * @param why what went wrong, kept with the job
   * @throws {TypeError | RangeError} not a duration
   */
  constructor(delay: Duration, why: unknown = "asked to try again later") {
    super(why instanceof Error ? why.message : String(why), { cause: why });
    this.delayMs = durationMs(delay, "delay");
  }
}
