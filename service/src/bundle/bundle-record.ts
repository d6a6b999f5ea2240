import type { JobHead, JobId, JobState, Tally, Timestamp } from "@jobq/core";
import { bundleNameOf } from "../module.ts";
import { isSealed } from "./bundle-job.ts";

/** A bundle without its counts. */
export interface BundleHead {
  readonly id: JobId;
  readonly name: string;
  /** Nothing can be added any more. */
  readonly sealed: boolean;
  /** `delayed` until all members have ended; from then on what became of the job of `onEnd`, or `done`. */
  readonly state: JobState;
  readonly createdAt: Timestamp;
  readonly finishedAt: Timestamp | undefined;
  /** The bundle that it is a member of. */
  readonly parent: JobId | undefined;
}

/** A bundle and how far its members are. One that was removed is not counted any more. */
export interface BundleRecord extends BundleHead {
  readonly total: number;
  readonly done: number;
  readonly canceled: number;
  readonly live: number;
  /** The share of the members that have ended, from 0 to 1; 1 for a sealed one without members. */
  readonly progress: number;
}

/** The bundle that the job is; undefined when it is none. */
export function bundleHead(job: JobHead | undefined): BundleHead | undefined {
  const name = job && bundleNameOf(job);
  if (!job || name === undefined) return undefined;
  const { id, state, createdAt, finishedAt, parent } = job;
  return { id, name, sealed: isSealed(job), state, createdAt, finishedAt, parent };
}

/** @param tallies of its group */
export function bundleRecord(head: BundleHead, tallies: readonly Tally[]): BundleRecord {
  const count = (counted: (state: JobState) => boolean): number =>
    tallies.reduce((sum, tally) => sum + (counted(tally.state) ? tally.count : 0), 0);
  const total = count(() => true);
  const done = count((state) => state === "done");
  const canceled = count((state) => state === "canceled");
  const progress = total === 0 ? Number(head.sealed) : (done + canceled) / total;
  return { ...head, total, done, canceled, live: total - done - canceled, progress };
}
