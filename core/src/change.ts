import type { Timestamp } from "./clock.ts";
import type { CancelReason, JobId, Progress } from "./job.ts";

/** A requested change of one job; `transition` allows or refuses it. */
export type Change =
  /** The delayed job is due. */
  | { readonly type: "promote"; readonly id: JobId }
  /**
   * A job that it waits for has ended. No effect on a job that does not wait for it. With `all`, it no longer waits for
   * the others either. With `fails`, if none is left, it is canceled as `dependency` instead of becoming ready, with an
   * error that names `by`.
   */
  | { readonly type: "unblock"; readonly id: JobId; readonly by: JobId; readonly all?: true; readonly fails?: true }
  /** What a suspended job waits for may have arrived. A reserved job remembers it; no effect on other live jobs. */
  | { readonly type: "wake"; readonly id: JobId }
  /** Reserve it for `leaseMs`, or for the job's `timeoutMs`. */
  | { readonly type: "reserve"; readonly id: JobId; readonly by: string; readonly leaseMs?: number | undefined }
  /**
   * Extend the lease (never shorten it) or report progress; with neither, only check that the job is still reserved.
   */
  | {
      readonly type: "extend";
      readonly id: JobId;
      readonly token: number;
      readonly until?: Timestamp;
      readonly progress?: Progress;
    }
  | { readonly type: "done"; readonly id: JobId; readonly token: number; readonly result?: string | undefined }
  /** The attempt failed; the job runs again at `at`, or at once. */
  | {
      readonly type: "retry";
      readonly id: JobId;
      readonly token: number;
      readonly at?: Timestamp | undefined;
      readonly error?: string | undefined;
    }
  /** Give it back; costs no attempt. */
  | { readonly type: "release"; readonly id: JobId; readonly token: number }
  /** Give it back until `at` or, with `awaits`, until it is woken; without either, it is ready at once. */
  | {
      readonly type: "suspend";
      readonly id: JobId;
      readonly token: number;
      readonly at?: Timestamp | undefined;
      /** A group whose end it waits for, or the empty string. */
      readonly awaits?: string | undefined;
    }
  /** Its lease has ended; the job runs again at `at`, or at once. */
  | { readonly type: "expire"; readonly id: JobId; readonly at?: Timestamp }
  /** Cancel it for `reason`; with a token, only as the holder. */
  | {
      readonly type: "cancel";
      readonly id: JobId;
      readonly reason: CancelReason;
      readonly token?: number;
      readonly error?: string | undefined;
    }
  /** Give it a slot of its limit's key, which no other live job may hold. */
  | { readonly type: "admit"; readonly id: JobId; readonly slot: number }
  /** One more job waits to be told of its end; refused if it has ended. */
  | { readonly type: "link"; readonly id: JobId }
  /** `told` jobs have been told of its end; refused if its `links` are a different number. */
  | { readonly type: "resolve"; readonly id: JobId; readonly told: number }
  /** Give up its unique key for good. */
  | { readonly type: "freeKey"; readonly id: JobId }
  /**
   * Change nothing; refused unless the job is live, still waits for `blockedBy`, if given, and has not been reserved
   * since its token was `lastToken`, if given.
   */
  | {
      readonly type: "check";
      readonly id: JobId;
      readonly blockedBy?: JobId | undefined;
      readonly lastToken?: number | undefined;
    }
  /** Make it ready again, with all its attempts. */
  | { readonly type: "reset"; readonly id: JobId };

export type ChangeType = Change["type"];

/** The changes of one type. */
export type ChangeOf<T extends ChangeType> = Extract<Change, { type: T }>;
