import type { JobHead, JobId } from "@jobq/core";

/** What a commit does to one job, all in all; without `before` it is new, without `after` it is gone. */
export interface HeadChange {
  readonly id: JobId;
  readonly before: JobHead | undefined;
  readonly after: JobHead | undefined;
}
