import type { CancelReason, JobId, JobState, Timestamp, Topic } from "@jobq/core";

/** Another job that a reason refers to. */
export interface OtherJob {
  readonly id: JobId;
  readonly name: string;
  readonly topic: Topic;
  /** `removed` if it no longer exists. */
  readonly state: JobState | "removed";
}

/** Something that a run waits for. */
export interface RunWaitsFor {
  /** `signal`, `sleep`, `fan-out`, `child`, or the kind of a step that waits between two tries. */
  readonly kind: string;
  readonly name: string;
  /** When the wait ends at the latest; undefined if it has no limit. */
  readonly until: Timestamp | undefined;
  /** How many of the `children` have not ended. */
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
  /** It is reserved. */
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
  /** Other jobs must end first. */
  | { readonly type: "after"; readonly jobs: readonly OtherJob[]; readonly need: "all" | "any" }
  /** It is a bundle that has not been sealed. */
  | { readonly type: "open" }
  /** It waits for the end of a group, in which `live` jobs have not ended. */
  | { readonly type: "group"; readonly group: string; readonly live: number }
  /** It is a run whose code waits for `waitsFor`. `keptSignals` names signals that no code has waited for yet. */
  | { readonly type: "run"; readonly waitsFor: readonly RunWaitsFor[]; readonly keptSignals: readonly string[] }
  /** It is suspended until it is woken. */
  | { readonly type: "suspended" }
  /** It is no work but what a module keeps on a topic of its own, such as a schedule. No worker runs it. */
  | { readonly type: "record"; readonly topic: Topic }
  /** Other jobs hold the slots of its limit's key, and `ahead` jobs wait before it. */
  | {
      readonly type: "limit";
      readonly key: string;
      readonly concurrency: number;
      readonly holders: readonly OtherJob[];
      readonly ahead: number;
    }
  /** Its topic is paused. */
  | { readonly type: "paused"; readonly topic: Topic }
  /** Its time to live has passed; it is canceled when the service next finds it. */
  | { readonly type: "expired"; readonly at: Timestamp }
  /** `ahead` ready jobs of its topic come before it, or more if `orMore` is set. */
  | { readonly type: "queued"; readonly ahead: number; readonly orMore: boolean }
  /**
   * This process cannot decode its payload. With `DECRYPTION_FAILED` it gives the job back each time, for a process that
   * has the key; with `PAYLOAD_INVALID` the job is canceled as `rejected` when it is reserved here.
   */
  | {
      readonly type: "unreadable";
      readonly code: "DECRYPTION_FAILED" | "PAYLOAD_INVALID";
      readonly error: string;
    }
  /** All workers of this process that would run it have used up their rate for its topic, until `freeAt`. */
  | {
      readonly type: "rate";
      readonly topic: Topic;
      readonly max: number;
      readonly perMs: number;
      readonly key: string | undefined;
      readonly freeAt: Timestamp;
    }
  /** No worker of this process works on its topic or, with `worksOnTopic`, none of those that do knows its name. */
  | { readonly type: "noWorker"; readonly topic: Topic; readonly name: string; readonly worksOnTopic: boolean };

/** Why a job is not running. */
export interface Explanation {
  readonly id: JobId;
  readonly state: JobState;
  /** All reasons, the most important one first; empty if the job is about to run. */
  readonly reasons: readonly NotRunning[];
  /** The same in words, a sentence for each. */
  readonly text: string;
}
