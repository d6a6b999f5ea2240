import type { JobId } from "@jobq/core";

/** The ids that were ever added, sorted when somebody looks; ids nearly always arrive in order, so sorting is rare. */
export class IdOrder {
  #ids: JobId[] = [];
  #sorted = true;
  #removed = 0;

  add(id: JobId): void {
    const last = this.#ids[this.#ids.length - 1];
    if (last !== undefined && id <= last) this.#sorted = false;
    this.#ids.push(id);
  }

  /** Notes that one id left `remaining`; when most of what is kept here has left, that is dropped. */
  removed(remaining: ReadonlyMap<JobId, unknown>): void {
    if (++this.#removed * 2 <= this.#ids.length) return;
    this.#ids = this.#ids.filter((id) => remaining.has(id));
    this.#removed = 0;
  }

  /** The ids greater than the cursor, in order; some of them may have been removed. */
  *after(cursor: JobId = ""): Generator<JobId> {
    if (!this.#sorted) {
      this.#ids = [...new Set(this.#ids.sort())];
      this.#sorted = true;
    }
    const ids = this.#ids;
    for (let at = firstAfter(ids, cursor); at < ids.length; at++) yield ids[at] as JobId;
  }
}

function firstAfter(ids: readonly JobId[], cursor: JobId): number {
  let low = 0;
  let high = ids.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ids[middle] as JobId) <= cursor) low = middle + 1;
    else high = middle;
  }
  return low;
}
