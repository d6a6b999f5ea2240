import type { JobHead, JobId, Timestamp } from "@jobq/core";
import type { StoredChange } from "../module.ts";

interface Seen {
  readonly readyAt?: Timestamp | undefined;
  readonly reservedAt?: Timestamp | undefined;
}

/** So many jobs are remembered; the ones that were seen first are forgotten first. */
const MAX_SEEN = 100_000;

/** Remembers when jobs became ready and were reserved, as far as this service saw it. */
export class SeenInstants {
  readonly #seen = new Map<JobId, Seen>();

  see({ job, at }: StoredChange): void {
    const { id, state } = job;
    if (state === "ready") this.#keep(id, { readyAt: at });
    else if (state === "reserved") {
      if (this.#seen.get(id)?.reservedAt === undefined) this.#keep(id, { reservedAt: job.reservedAt ?? at });
    } else this.#seen.delete(id);
  }

  /** How long a job that was just reserved was ready before, in seconds; undefined where nobody saw it. */
  waitedS({ id, attempt, leaseLosses, createdAt }: JobHead, at: Timestamp): number | undefined {
    const isFirst = attempt === 1 && leaseLosses === 0;
    const from = this.#seen.get(id)?.readyAt ?? (isFirst ? createdAt : undefined);
    return from === undefined ? undefined : Math.max(at - from, 0) / 1000;
  }

  /**
   * Since when a ready job is ready: exactly where this service saw it become so, else since it was reserved last, or
   * enqueued.
   */
  readySince({ id, createdAt, reservedAt = createdAt }: JobHead): Timestamp {
    return Math.max(this.#seen.get(id)?.readyAt ?? createdAt, reservedAt);
  }

  /** How long the attempt that just ended took, in seconds. */
  tookS({ id, reservedAt }: JobHead, at: Timestamp): number | undefined {
    const from = reservedAt ?? this.#seen.get(id)?.reservedAt;
    return from === undefined ? undefined : Math.max(at - from, 0) / 1000;
  }

  #keep(id: JobId, seen: Seen): void {
    this.#seen.delete(id); // so that it is among the latest
    this.#seen.set(id, seen);
    if (this.#seen.size <= MAX_SEEN) return;
    for (const first of this.#seen.keys()) {
      this.#seen.delete(first);
      return;
    }
  }
}
