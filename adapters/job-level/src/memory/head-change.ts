import type { JobHead, JobId } from "@jobq/core";

/** The whole change of one job by a commit; without `before` the job is new, without `after` it is gone. */
export interface HeadChange {
  readonly id: JobId;
  readonly before: JobHead | undefined;
  readonly after: JobHead | undefined;
}
