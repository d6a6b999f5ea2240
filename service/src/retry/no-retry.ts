import { isOfAnyCopy } from "./any-copy.ts";

const MARK = Symbol.for("@jobq/service/NoRetry");

/** Throw it in a handler if a retry would not help. The job is canceled as `rejected`, even if retries are left. */
export class NoRetry extends Error {
  static override [Symbol.hasInstance](value: unknown): boolean {
    // biome-ignore lint/complexity/noThisInStatic: a subclass inherits it, and asks of itself
    return isOfAnyCopy(this, NoRetry, MARK, value);
  }

  override readonly name = "NoRetry";
  /** @internal */
  readonly [MARK] = true;

  /** @param why stored with the job: a text, or the error that occurred */
  constructor(why: unknown = "no attempt would help") {
    super(why instanceof Error ? why.message : String(why), { cause: why });
  }
}
