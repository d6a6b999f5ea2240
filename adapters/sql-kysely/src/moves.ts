import { entryOf, type JobHead, type JobState, type Topic } from "@jobq/core";
import type { Fields } from "./rows.ts";
import { toText } from "./text.ts";

/** What jobs are counted by: their state, but for delayed ones that no instant alone makes ready. */
export type Bucket = JobState | "blocked";

/** The bucket of a job. */
export function bucketOf(job: JobHead): Bucket {
  return job.state === "delayed" && !entryOf(job) ? "blocked" : job.state;
}

/** Changes of counts, to be stored in the same transaction as what they count. */
export class Deltas {
  readonly #changes = new Map<Topic, Map<Bucket, number>>();

  add(topic: Topic, bucket: Bucket, n: number): void {
    const buckets = this.#changes.get(topic) ?? new Map<Bucket, number>();
    this.#changes.set(topic, buckets.set(bucket, (buckets.get(bucket) ?? 0) + n));
  }

  /** A job was, or is not any more, as `before`; and is now as `after`. */
  move(before: JobHead | undefined, after: JobHead | undefined): void {
    if (before) this.add(before.topic, bucketOf(before), -1);
    if (after) this.add(after.topic, bucketOf(after), 1);
  }

  addAll(others: Deltas): void {
    for (const [topic, buckets] of others.#changes) for (const [bucket, n] of buckets) this.add(topic, bucket, n);
  }

  /** What has changed in the end. */
  rows(): Fields[] {
    const rows: Fields[] = [];
    for (const [topic, buckets] of this.#changes) {
      for (const [bucket, n] of buckets) if (n !== 0) rows.push({ topic: toText(topic), bucket, n });
    }
    return rows;
  }
}
