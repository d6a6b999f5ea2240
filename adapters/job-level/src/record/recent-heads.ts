import { ChurnMap, type JobId } from "@jobq/core";

/** What the records take together at most, in characters, and roughly what each takes besides. */
const MAX_CHARACTERS = 1_000_000;
const OVERHEAD = 100;

/**
 * The records of unfinished jobs that were written last: where the queue is short, a job is reserved soon after it
 * was enqueued, and nothing needs to be read for it.
 */
export class RecentHeads {
  readonly #records = new ChurnMap<JobId, string>();
  #characters = 0;

  get(id: JobId): string | undefined {
    return this.#records.get(id);
  }

  /** The record of the job is now this one; undefined when there is none, or it is no longer of use. */
  set(id: JobId, record: string | undefined): void {
    const last = this.#records.get(id);
    if (last !== undefined) this.#drop(id, last);
    if (record === undefined) return;
    this.#records.set(id, record);
    this.#characters += record.length + OVERHEAD;
    if (this.#characters > MAX_CHARACTERS) this.#dropOldest();
  }

  /** Many at once, since all that was deleted is passed before the first. */
  #dropOldest(): void {
    for (const [id, record] of this.#records) {
      if (this.#characters <= MAX_CHARACTERS / 2) break;
      this.#drop(id, record);
    }
  }

  #drop(id: JobId, record: string): void {
    this.#records.delete(id);
    this.#characters -= record.length + OVERHEAD;
  }
}
