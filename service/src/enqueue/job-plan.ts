import type { ChangeOf, Job, Note } from "@jobq/core";
import type { Waits } from "../input/after-option.ts";
import type { NameOf } from "../input/named-error.ts";
import type { UniqueRule } from "../input/unique-option.ts";

/** A job that is about to be stored, with what the store does not know of it. */
export interface JobPlan {
  readonly job: Job;
  readonly waits?: Waits | undefined;
  readonly unique?: UniqueRule | undefined;
  /** What is noted on it; no other job may stand for one that has this. */
  readonly note?: Note | undefined;
}

/** Jobs to store together, all or none. */
export interface InsertPlan {
  readonly plans: readonly JobPlan[];
  /** What must hold of other jobs; one that does not refuses all. */
  readonly guards?: readonly ChangeOf<"check">[] | undefined;
  /** How errors name the request of each plan; without it they name none. */
  readonly nameOf?: NameOf | undefined;
}
