import type { ChangeOf, Job } from "@jobq/core";
import type { Waits } from "../input/after-option.ts";
import type { UniqueRule } from "../input/unique-option.ts";

/** A job that is about to be stored, with what the store does not know of it. */
export interface JobPlan {
  readonly job: Job;
  readonly waits?: Waits | undefined;
  readonly unique?: UniqueRule | undefined;
}

/** Jobs to store together, all or none. */
export interface InsertPlan {
  readonly plans: readonly JobPlan[];
  /** What must hold of other jobs; one that does not refuses all. */
  readonly guards?: readonly ChangeOf<"check">[] | undefined;
}
