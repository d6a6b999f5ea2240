import type { EnqueuedJob } from "./enqueued-job.ts";
import { assertCount, type JobMatch, matching } from "./job-match.ts";

/** What was enqueued while a mode that stores no jobs was on. */
export class Recording {
  /** In the order in which it was asked for. */
  readonly enqueued: readonly EnqueuedJob[];
  readonly #restore: () => void;

  /** @internal */
  constructor(enqueued: readonly EnqueuedJob[], restore: () => void) {
    this.enqueued = enqueued;
    this.#restore = restore;
  }

  /** The jobs that match. */
  matching(match: JobMatch = {}): EnqueuedJob[] {
    return matching(this.enqueued, match);
  }

  /**
   * Makes sure that a job was enqueued which matches.
   * @param times exactly so many; at least one unless it is given
   * @throws {Error} which lists what was enqueued
   */
  assertEnqueued(match: JobMatch = {}, times?: number): void {
    assertCount(this.enqueued, match, times);
  }

  /** Turns the mode off: jobs are stored again. */
  restore(): void {
    this.#restore();
  }
}
