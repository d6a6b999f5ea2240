import type { JobHead } from "@jobq/core";
import { jobData } from "../input/job-data.ts";

/** What a job that waits for the end of a group does about it; kept in its `data`. */
export interface GroupPolicy {
  /** What a canceled member means: nothing (`continue`), that the rest is canceled, or that the parent is woken at once. */
  readonly onCanceled?: "continue" | "cancel" | "wake" | undefined;
  /** Set where nothing has to be run at the end: the parent is done then. */
  readonly thenDone?: true | undefined;
  /** The name of a bundle, the parent of the group that its own id names. */
  readonly bundle?: string | undefined;
}

const NONE: GroupPolicy = {};
const OF_RUNS: GroupPolicy = { onCanceled: "wake" };

/**
 * The policy of a parent for one of its groups. That of a bundle is for its members alone: where its callback is a run,
 * the children of that are in groups of their own.
 */
export function groupPolicyOf({ id, data }: Pick<JobHead, "id" | "data">, group: string): GroupPolicy {
  const { group: policy, run } = jobData({ data });
  const isOfAnother = policy?.bundle !== undefined && group !== id;
  if (policy && !isOfAnother) return policy;
  return run ? OF_RUNS : NONE;
}

/** The name of the bundle that the job is; undefined for any other. */
export function bundleNameOf(job: Pick<JobHead, "data">): string | undefined {
  return job.data?.includes('"bundle"') ? jobData(job).group?.bundle : undefined;
}
