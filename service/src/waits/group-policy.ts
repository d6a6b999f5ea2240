import type { JobHead } from "@jobq/core";
import { jobData } from "../input/job-data.ts";

/** What a job that waits for the end of a group does about it; kept in its `data`. */
export interface GroupPolicy {
  /** What a canceled member means: nothing (`continue`), that the rest is canceled, or that the parent is woken at once. */
  readonly onCanceled?: "continue" | "cancel" | "wake" | undefined;
  /** Set where nothing has to be run at the end: the parent is done then. */
  readonly thenDone?: true | undefined;
  /** Set on a bundle, the parent of the group that its own id names: its members are canceled when it is. */
  readonly bundle?: string | undefined;
}

/** The policy of a parent; none for one that has not said. */
export function groupPolicyOf(parent: Pick<JobHead, "data">): GroupPolicy {
  return jobData(parent).group ?? {};
}
