import { JobqError, type MonotonicClock } from "@jobq/core";

/** How long a store is left alone that is away; doubled each time that it still is. */
const FIRST_RETRY_MS = 100;
export const LAST_RETRY_MS = 2_000;

/** Whether a store failed in such a way that it may work again by itself. */
export function isOutage(error: unknown): error is JobqError {
  return error instanceof JobqError && (error.code === "STORE_FAILED" || error.code === "OUTCOME_UNKNOWN");
}

/** A store that is away for a moment, and when to look again. */
export class Outage {
  readonly #clock: MonotonicClock;
  readonly #look: () => void;
  #retryMs = FIRST_RETRY_MS;
  #undo: (() => void) | undefined;
  /** What never worked is no outage: somebody has to hear of it at once. */
  #hasWorked = false;

  constructor(clock: MonotonicClock, look: () => void) {
    this.#clock = clock;
    this.#look = look;
  }

  /** Whether the error may pass by itself. */
  mayPass(error: unknown): boolean {
    return this.#hasWorked && isOutage(error);
  }

  /** Has the store looked at again, the later the longer it has been away. */
  retry(): void {
    this.#undo?.();
    this.#undo = this.#clock.after(this.#retryMs, this.#look);
    this.#retryMs = Math.min(this.#retryMs * 2, LAST_RETRY_MS);
  }

  /** The store is there, or nobody asks for it any more. */
  over(): void {
    this.#hasWorked = true;
    this.#undo?.();
    this.#undo = undefined;
    this.#retryMs = FIRST_RETRY_MS;
  }
}
