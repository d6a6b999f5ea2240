import { type Change, ChurnMap, copyJob, type Draft, type JobHead, type JobId } from "@jobq/core";

const MAX_JOBS = 10_000;

/**
 * The heads of jobs as they were reserved here. While a reservation holds, which its token proves, little of a job can
 * change, see {@link ChangedWhileHeld}, so that settling it need not read the rest again.
 */
export class ReservedJobs {
  readonly #jobs = new ChurnMap<JobId, JobHead>();

  /** Keeps the head of a job that was just reserved. */
  keep(job: JobHead): void {
    if (job.tags) return; // a caller may change them, and they would have to be copied each time
    const head = copyJob(job) as Draft & { payload?: string | undefined };
    head.payload = undefined;
    this.#jobs.delete(job.id);
    this.#jobs.set(job.id, head);
    if (this.#jobs.size <= MAX_JOBS) return;
    for (const [id] of this.#jobs) {
      if (this.#jobs.size <= MAX_JOBS / 2) return;
      this.#jobs.delete(id);
    }
  }

  /** The head of the job as it was reserved under the token of the change. */
  of(change: Change): JobHead | undefined {
    const job = this.#jobs.get(change.id);
    return job && "token" in change && job.token === change.token ? job : undefined;
  }

  /** Lets go of a job whose reservation is over. */
  forget(id: JobId): void {
    this.#jobs.delete(id);
  }
}

/** What others may have changed of a job that somebody holds, and what the holder may. */
export type ChangedWhileHeld = Pick<JobHead, "leaseUntil" | "progress" | "unique" | "woken" | "links">;

/** The head with what can have changed since. */
export function heldNow(head: JobHead, changed: ChangedWhileHeld): JobHead {
  const now = copyJob(head) as Draft;
  now.leaseUntil = changed.leaseUntil;
  now.progress = changed.progress;
  now.unique = changed.unique;
  if (changed.unique === undefined) now.uniqueSpan = undefined;
  now.woken = changed.woken;
  now.links = changed.links;
  return now;
}
