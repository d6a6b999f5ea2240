import type { EnqueuedJob } from "./enqueued-job.ts";
import { assertCount, type JobMatch, matching } from "./job-match.ts";
import type { AsStored } from "./stored-like.ts";

/** The jobs that were enqueued while a mode that stores no jobs was active. */
export class Recording {
  /** In the order of the calls. */
  readonly enqueued: readonly EnqueuedJob[];
  readonly #asStored: AsStored;
  readonly #restore: () => void;

  /** @internal */
  constructor(enqueued: readonly EnqueuedJob[], asStored: AsStored, restore: () => void) {
    this.enqueued = enqueued;
    this.#asStored = asStored;
    this.#restore = restore;
  }

  /** Returns the jobs that match. */
  matching(match: JobMatch = {}): EnqueuedJob[] {
    return matching(this.enqueued, match, this.#asStored);
  }

  /**
   * Checks that a matching job was enqueued.
   * @param times the exact number; at least one by default
   * @throws {Error} which lists what was enqueued
   */
  assertEnqueued(match: JobMatch = {}, times?: number): void {
    assertCount(this.enqueued, match, times, this.#asStored);
  }

  /** Ends the mode: jobs are stored again. */
  restore(): void {
    this.#restore();
  }
}
