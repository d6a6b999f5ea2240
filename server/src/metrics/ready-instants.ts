import type { JobId, Timestamp } from "@jobq/core";

/** How many jobs are looked after at a time; of a longer backlog, these stand for the rest. */
const MAX_INSTANTS = 10_000;
/** A job that was reserved by another process is never heard of again: its place is taken after so long. */
const STALE_MS = 3_600_000;

/** When jobs became ready, to tell how long they waited. */
export class ReadyInstants {
  readonly #byId = new Map<JobId, Timestamp>();

  /** The job is ready since `at`. */
  add(id: JobId, at: Timestamp): void {
    if (this.#byId.size >= MAX_INSTANTS && !this.#evict(at)) return;
    this.#byId.set(id, at);
  }

  /** Since when the job was ready, as far as that is known. It is forgotten. */
  take(id: JobId): Timestamp | undefined {
    const since = this.#byId.get(id);
    this.#byId.delete(id);
    return since;
  }

  #evict(now: Timestamp): boolean {
    const [oldest] = this.#byId;
    if (!oldest || now - oldest[1] < STALE_MS) return false;
    return this.#byId.delete(oldest[0]);
  }
}
