import type { JobId } from "@jobq/core";

/** How far an export or import has come. */
export interface TransferProgress {
  /** The number of jobs so far. */
  readonly jobs: number;
  /** The id of the last job: where an export can continue. */
  readonly last: JobId;
}
