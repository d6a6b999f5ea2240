import type { ChangeType, JobHead, Timestamp } from "@jobq/core";

/** Everything that can be stored about a job: it came, it changed, or it went. */
export type StoredChangeType = ChangeType | "insert" | "remove";

/** Something that was stored. */
export interface StoredChange {
  /** The job as it is since then; as it was before, when it was removed. */
  readonly job: JobHead;
  /** What was asked for; where that led to is the job's `state`. Whether it ended the job, {@link isEnd} tells. */
  readonly what: StoredChangeType;
  readonly at: Timestamp;
}
