import type { Job, JobHead, JobId } from "@jobq/core";
import {
  type EnqueueDefinition,
  encodeJobData,
  type GroupPolicy,
  type JobPlan,
  type JobRequest,
  jobData,
  membersLinkNote,
} from "../module.ts";
import type { BundleRules } from "./bundle-options.ts";

/** The group of all bundles that are in no other, so that they are found without a walk through all jobs. */
export const BUNDLES = "jobq:bundles";
/** Where bundles are that do nothing at their end. */
const NO_END = "jobq:bundles";
/** The tag that has the name of a bundle. */
export const NAME_TAG = "bundle";

/** Where a bundle stands. */
export interface BundlePlace {
  readonly name: string;
  readonly sealed: boolean;
  /** The bundle that it is a member of. */
  readonly parent: JobId | undefined;
}

/** The job that a bundle is, as it is asked for: the one of its end. */
export function bundleRequest(name: string, { onEnd, tags }: BundleRules): JobRequest {
  const { job, topic, payload, options } = onEnd ?? {};
  const named = { ...(options?.tags ?? job?.options.tags), ...tags, [NAME_TAG]: name };
  if (job) return { job: job as EnqueueDefinition, payload, options: { ...options, tags: named } };
  return { topic: topic ?? NO_END, payload, options: { ...(onEnd ? options : { name }), tags: named } };
}

/**
 * Makes the job wait for the group of its own id, and for nothing else, and take its members along when it is canceled;
 * blocked by itself as long as it is open.
 */
export function bundlePlan(job: Job, { onEnd, onMemberCanceled }: BundleRules, place: BundlePlace): JobPlan {
  const { id, data } = job;
  const { name, sealed, parent } = place;
  const group: GroupPolicy = {
    bundle: name,
    onCanceled: onMemberCanceled === "cancel" ? "cancel" : undefined,
    thenDone: onEnd ? undefined : true,
  };
  const bundle: Job = {
    ...job,
    state: "delayed",
    runAt: undefined,
    unique: undefined, // a bundle that is left out would leave its members without one
    uniqueSpan: undefined,
    awaits: id,
    blockers: sealed ? undefined : [id],
    parent,
    group: parent ?? BUNDLES,
    data: encodeJobData({ ...jobData({ data }), group }),
    links: 1, // by the note
  };
  return { job: bundle, note: membersLinkNote(id, id, job.createdAt) };
}

/** True when nothing can be added any more. */
export function isSealed({ id, blockers }: JobHead): boolean {
  return !blockers?.includes(id);
}
