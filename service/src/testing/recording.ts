import type { EnqueuedJob } from "./enqueued-job.ts";
import { assertCount, type JobMatch, matching } from "./job-match.ts";

/** The jobs that were enqueued while a mode that stores no jobs was active. */
export class Recording {
  /** In the order of the calls. */
  readonly enqueued: readonly EnqueuedJob[];
  readonly #restore: () => void;

  /** @internal */
  constructor(enqueued: readonly EnqueuedJob[], restore: () => void) {
    this.enqueued = enqueued;
    this.#restore = restore;
  }

  /** Returns the jobs that match. */
  matching(match: JobMatch = {}): EnqueuedJob[] {
    return matching(this.enqueued, match);
  }

  /**
   * Checks that a matching job was enqueued.
   * @param times the exact number; at least one by default
   * @throws {Error} which lists what was enqueued
   */
  assertEnqueued(match: JobMatch = {}, times?: number): void {
    assertCount(this.enqueued, match, times);
  }

  /** Ends the mode: jobs are stored again. */
  restore(): void {
    this.#restore();
  }
}
