import type { CancelReason, JobId, JobState, Timestamp, Topic } from "@jobq/core";

/** Another job that a reason speaks of. */
export interface OtherJob {
  readonly id: JobId;
  readonly name: string;
  readonly topic: Topic;
  /** `removed` when it is not there any more. */
  readonly state: JobState | "removed";
}

/** Something that a run waits for. */
export interface RunWaitsFor {
  /** `signal`, `sleep`, `fan-out`, `child`, or the kind of a step that pauses between two tries. */
  readonly kind: string;
  readonly name: string;
  /** Until when at the latest; undefined for ever. */
  readonly until: Timestamp | undefined;
  /** Of so many children, so many have not ended. */
  readonly live: number | undefined;
  readonly children: number | undefined;
}

/** One reason why a job is not running, as data. */
export type NotRunning =
  /** It is done or canceled. */
  | {
      readonly type: "ended";
      readonly at: Timestamp | undefined;
      readonly reason: CancelReason | undefined;
      readonly error: string | undefined;
    }
  /** Somebody has it. */
  | {
      readonly type: "reserved";
      readonly by: string | undefined;
      readonly since: Timestamp | undefined;
      readonly until: Timestamp | undefined;
      readonly attempt: number;
    }
  /** It is not due yet; after a failed attempt with its error. */
  | {
      readonly type: "delayed";
      readonly until: Timestamp;
      readonly attempt: number;
      readonly error: string | undefined;
    }
  /** Other jobs have to end first. */
  | { readonly type: "after"; readonly jobs: readonly OtherJob[]; readonly need: "all" | "any" }
  /** It is a bundle that has not been sealed. */
  | { readonly type: "open" }
  /** It waits for the end of a group, of which so many jobs are live. */
  | { readonly type: "group"; readonly group: string; readonly live: number }
  /** It is a run, whose code waits for these; signals of those names have come that nothing has waited for. */
  | { readonly type: "run"; readonly waitsFor: readonly RunWaitsFor[]; readonly keptSignals: readonly string[] }
  /** It was suspended until it is woken. */
  | { readonly type: "suspended" }
  /** Others hold the slots of its limit's key; `ahead` wait for one before it. */
  | {
      readonly type: "limit";
      readonly key: string;
      readonly concurrency: number;
      readonly holders: readonly OtherJob[];
      readonly ahead: number;
    }
  /** Its topic is paused. */
  | { readonly type: "paused"; readonly topic: Topic }
  /** Its time to live has passed: it is canceled when it is next met. */
  | { readonly type: "expired"; readonly at: Timestamp }
  /** So many jobs of its topic come before it; or more, where only so many were looked at. */
  | { readonly type: "queued"; readonly ahead: number; readonly orMore: boolean }
  /** No worker of this process works on its topic, or none of those that do knows its name. */
  | { readonly type: "noWorker"; readonly topic: Topic; readonly name: string; readonly worksOnTopic: boolean };

/** Why a job is not running. */
export interface Explanation {
  readonly id: JobId;
  readonly state: JobState;
  /** All reasons that there are, the one to look at first first; empty where it is about to run. */
  readonly reasons: readonly NotRunning[];
  /** The same in words, a sentence for each. */
  readonly text: string;
}
