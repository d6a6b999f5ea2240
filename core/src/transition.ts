import type { Timestamp } from "./clock.ts";
import { type CancelReason, copyJob, type JobHead, type JobId, type JobState, type Progress } from "./job.ts";

/** Asks for a change of one job's state; {@link transition} allows or refuses it. */
export type Change =
  /** The delayed job is due. */
  | { readonly type: "promote"; readonly id: JobId }
  /** A job that it waits for has ended; says nothing to a job that does not wait for it. */
  | { readonly type: "unblock"; readonly id: JobId; readonly by: JobId }
  /** Take it for work, for `leaseMs` or the job's own `timeoutMs`. */
  | { readonly type: "reserve"; readonly id: JobId; readonly by: string; readonly leaseMs?: number | undefined }
  /** Hold it longer (never shorter) or report progress; with neither, only check that it is still held. */
  | {
      readonly type: "extend";
      readonly id: JobId;
      readonly token: number;
      readonly until?: Timestamp;
      readonly progress?: Progress;
    }
  | { readonly type: "done"; readonly id: JobId; readonly token: number; readonly result?: string | undefined }
  /** The attempt failed; again at `at`, or at once. */
  | {
      readonly type: "retry";
      readonly id: JobId;
      readonly token: number;
      readonly at?: Timestamp | undefined;
      readonly error?: string | undefined;
    }
  /** Give it back unworked. */
  | { readonly type: "release"; readonly id: JobId; readonly token: number }
  /** Let go of it until `at` has come and the blockers have ended. */
  | {
      readonly type: "suspend";
      readonly id: JobId;
      readonly token: number;
      readonly at?: Timestamp;
      readonly blockers?: readonly JobId[];
    }
  /** Its lease has ended; again at `at`, or at once. */
  | { readonly type: "expire"; readonly id: JobId; readonly at?: Timestamp }
  /** End it for `reason`; with a token, only as the holder. */
  | {
      readonly type: "cancel";
      readonly id: JobId;
      readonly reason: CancelReason;
      readonly token?: number;
      readonly error?: string | undefined;
    }
  /** Begin anew. */
  | { readonly type: "reset"; readonly id: JobId };

export type ChangeType = Change["type"];

/** The changes of one type. */
export type ChangeOf<T extends ChangeType> = Extract<Change, { type: T }>;

/** Why a unit was not stored; the store is as it was. */
export interface Refusal {
  readonly ok: false;
  readonly code: "JOB_NOT_FOUND" | "LEASE_LOST" | "INVALID_STATE" | "DUPLICATE_JOB";
  /** The job whose guard failed. */
  readonly id: JobId;
  /** That job as it stands, or as the unit had changed it so far; undefined if there is none. */
  readonly job?: JobHead | undefined;
  /** For `DUPLICATE_JOB`: who holds the unique key. */
  readonly holder?: JobId;
}

/** A job's status while a change is being made to a copy of it. */
export type Draft = { -readonly [K in keyof JobHead]: JobHead[K] } & { result?: string | undefined };

/** One row of the table: where a change may start, where it can lead, and what it does. */
export interface Rule<T extends ChangeType = ChangeType> {
  readonly from: readonly JobState[];
  readonly to: readonly JobState[];
  /** Makes the change on a copy of the job; false when a guard beyond state and token fails. */
  readonly make: (job: Draft, change: ChangeOf<T>, now: Timestamp) => boolean;
}

function makeReady(job: Draft): boolean {
  job.state = "ready";
  job.runAt = undefined;
  job.blockers = undefined;
  job.leaseUntil = undefined;
  return true;
}

/** Delayed when something is still waited for, ready otherwise. */
function makeWaiting(
  job: Draft,
  at: Timestamp | undefined,
  blockers: readonly JobId[] | undefined,
  now: Timestamp,
): boolean {
  makeReady(job);
  if (at !== undefined && at > now) job.runAt = at;
  if (blockers?.length) job.blockers = blockers;
  if (job.runAt !== undefined || job.blockers) job.state = "delayed";
  return true;
}

function makeFinal(job: Draft, state: "done" | "canceled", now: Timestamp): boolean {
  makeReady(job);
  job.state = state;
  job.finishedAt = now;
  return true;
}

function makeCanceled(job: Draft, reason: CancelReason, now: Timestamp): boolean {
  job.reason = reason;
  return makeFinal(job, "canceled", now);
}

/** The state machine: every change, and nothing else, moves a job. */
export const TRANSITIONS: { readonly [T in ChangeType]: Rule<T> } = {
  promote: {
    from: ["delayed"],
    to: ["ready"],
    make: (job, _, now) => !job.blockers && job.runAt !== undefined && job.runAt <= now && makeReady(job),
  },
  unblock: {
    from: ["delayed", "ready", "reserved", "done", "canceled"],
    to: ["delayed", "ready", "reserved", "done", "canceled"],
    make(job, { by }, now) {
      if (!job.blockers?.includes(by)) return true;
      return makeWaiting(
        job,
        job.runAt,
        job.blockers.filter((id) => id !== by),
        now,
      );
    },
  },
  reserve: {
    from: ["ready"],
    to: ["reserved"],
    make(job, { by, leaseMs = job.timeoutMs }, now) {
      job.state = "reserved";
      job.token++;
      job.attempt++;
      job.leaseUntil = now + leaseMs;
      job.reservedAt = now;
      job.reservedBy = by;
      job.progress = undefined;
      return true;
    },
  },
  extend: {
    from: ["reserved"],
    to: ["reserved"],
    make(job, { until = 0, progress = job.progress }) {
      job.leaseUntil = Math.max(until, job.leaseUntil ?? 0);
      job.progress = progress;
      return true;
    },
  },
  done: {
    from: ["reserved"],
    to: ["done"],
    make(job, { result }, now) {
      job.error = undefined;
      job.result = result;
      return makeFinal(job, "done", now);
    },
  },
  retry: {
    from: ["reserved"],
    to: ["delayed", "ready", "canceled"],
    make(job, { at, error }, now) {
      job.error = error;
      return job.attempt > job.maxRetries ? makeCanceled(job, "exhausted", now) : makeWaiting(job, at, undefined, now);
    },
  },
  release: {
    from: ["reserved"],
    to: ["ready"],
    make(job) {
      job.attempt--;
      return makeReady(job);
    },
  },
  suspend: {
    from: ["reserved"],
    to: ["delayed", "ready"],
    make(job, { at, blockers }, now) {
      job.attempt--;
      return makeWaiting(job, at, blockers, now);
    },
  },
  expire: {
    from: ["reserved"],
    to: ["delayed", "ready", "canceled"],
    make(job, { at }, now) {
      if (job.leaseUntil === undefined || job.leaseUntil > now) return false;
      job.attempt--;
      job.leaseLosses++;
      return job.leaseLosses >= job.maxLeaseLosses
        ? makeCanceled(job, "poison", now)
        : makeWaiting(job, at, undefined, now);
    },
  },
  cancel: {
    from: ["delayed", "ready", "reserved"],
    to: ["canceled"],
    make(job, { reason, error = job.error }, now) {
      job.error = error;
      return makeCanceled(job, reason, now);
    },
  },
  reset: {
    from: ["done", "canceled"],
    to: ["ready"],
    make(job) {
      job.attempt = 0;
      job.leaseLosses = 0;
      job.resetCount++;
      job.finishedAt = undefined;
      job.reason = undefined;
      job.error = undefined;
      job.progress = undefined;
      job.result = undefined;
      return makeReady(job);
    },
  },
};

/**
 * Makes the change on `job` itself, or says why it is refused and leaves the job as it is. The only place where the
 * legality of a change is decided. A `done` with a result adds it, a reset takes it away.
 */
export function change(job: Draft, change: Change, now: Timestamp): Refusal["code"] | undefined {
  const rule = TRANSITIONS[change.type] as Rule;
  const token = (change as { readonly token?: number }).token;
  if (token !== undefined && (job.state !== "reserved" || job.token !== token)) return "LEASE_LOST";
  return rule.from.includes(job.state) && rule.make(job, change as never, now) ? undefined : "INVALID_STATE";
}

/** The job after the change at `now`, as a new object, or why the change is refused. Works on heads as on whole jobs. */
export function transition<J extends JobHead>(job: J, asked: Change, now: Timestamp): J | Refusal {
  const after = copyJob(job);
  const code = change(after, asked, now);
  return code ? { ok: false, code, id: job.id, job } : after;
}

/** Tells an answer of {@link transition} or of a commit apart from its refusal. */
export function isRefusal(answer: object): answer is Refusal {
  return (answer as Partial<Refusal>).ok === false;
}
