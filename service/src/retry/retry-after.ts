import { type Duration, durationMs } from "@jobq/core";
import { isOfAnyCopy } from "./any-copy.ts";

const MARK = Symbol.for("@jobq/service/RetryAfter");

/** Throw it in a handler to retry after a delay, or up to a tenth later. It uses up a retry. */
export class RetryAfter extends Error {
  static override [Symbol.hasInstance](value: unknown): boolean {
    // biome-ignore lint/complexity/noThisInStatic: a subclass inherits it, and asks of itself
    return isOfAnyCopy(this, RetryAfter, MARK, value);
  }

  override readonly name = "RetryAfter";
  /** @internal */
  readonly [MARK] = true;
  /** The delay, in milliseconds. */
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
