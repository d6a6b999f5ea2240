import type { JobId } from "@jobq/core";

/** How far an export or import has come. */
export interface TransferProgress {
  /** Jobs so far. */
  readonly jobs: number;
  /** The last of them: where an export can go on from. */
  readonly last: JobId;
}
