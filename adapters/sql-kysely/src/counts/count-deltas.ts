import { entryOf, type JobHead, type JobState, type Topic } from "@jobq/core";
import type { Fields } from "../statement/rows.ts";
import { toText } from "../statement/text.ts";

/** What jobs are counted by: their state, but for delayed ones that no instant alone makes ready. */
export type Bucket = JobState | "blocked";

/** The bucket of a job. */
export function bucketOf(job: JobHead): Bucket {
  return job.state === "delayed" && !entryOf(job) ? "blocked" : job.state;
}

interface CountDelta {
  readonly topic: Topic;
  /** Empty for jobs that are new. */
  readonly source: Bucket | "";
  /** Empty for jobs that are gone. */
  readonly target: Bucket | "";
  n: number;
}

/** How many jobs moved from which bucket to which, to be stored in the same transaction as the jobs. */
export class CountDeltas {
  readonly #deltas = new Map<string, CountDelta>();

  add(topic: Topic, source: Bucket | "", target: Bucket | "", n = 1): void {
    if (source === target) return;
    const key = `${source}>${target} ${topic}`;
    const delta = this.#deltas.get(key);
    if (delta) delta.n += n;
    else this.#deltas.set(key, { topic, source, target, n });
  }

  /** A job was, if it was, as `before`, and is, if it is, as `after`. */
  change(before: JobHead | undefined, after: JobHead | undefined): void {
    this.add((after ?? (before as JobHead)).topic, before ? bucketOf(before) : "", after ? bucketOf(after) : "");
  }

  addAll(others: CountDeltas): void {
    for (const { topic, source, target, n } of others.#deltas.values()) this.add(topic, source, target, n);
  }

  rows(): Fields[] {
    return [...this.#deltas.values()].map((delta) => ({ ...delta, topic: toText(delta.topic) }));
  }
}
