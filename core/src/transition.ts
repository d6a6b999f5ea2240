import type { Timestamp } from "./clock.ts";
import {
  type CancelReason,
  copyJob,
  JOB_STATES,
  type JobHead,
  type JobId,
  type JobState,
  type Progress,
} from "./job.ts";

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

/** One row of the table: where a change may start, and what it does. */
export interface Rule<T extends ChangeType = ChangeType> {
  readonly from: readonly JobState[];
  /** Makes the change on a copy of the job; false when a guard beyond state and token fails. */
  readonly make: (job: Draft, change: ChangeOf<T>, now: Timestamp) => boolean;
}

/** Delayed when something is still waited for, ready otherwise. */
function makeWaiting(job: Draft, now = 0, at = 0, blockers?: readonly JobId[]): boolean {
  job.runAt = at > now ? at : undefined;
  job.blockers = blockers?.length ? blockers : undefined;
  job.leaseUntil = undefined;
  job.state = job.runAt || job.blockers ? "delayed" : "ready";
  return true;
}

/** Done, or canceled for a reason. */
function makeFinal(job: Draft, now: Timestamp, reason?: CancelReason): boolean {
  makeWaiting(job);
  job.state = reason ? "canceled" : "done";
  job.reason = reason;
  job.finishedAt = now;
  return true;
}

const RESERVED = ["reserved"] as const;

/** The state machine: every change, and nothing else, moves a job. */
export const TRANSITIONS: { readonly [T in ChangeType]: Rule<T> } = {
  promote: {
    from: ["delayed"],
    make: (job, _, now) => !job.blockers && job.runAt !== undefined && job.runAt <= now && makeWaiting(job),
  },
  unblock: {
    from: JOB_STATES,
    make: (job, { by }, now) =>
      !job.blockers?.includes(by) ||
      makeWaiting(
        job,
        now,
        job.runAt,
        job.blockers.filter((id) => id !== by),
      ),
  },
  reserve: {
    from: ["ready"],
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
    from: RESERVED,
    make(job, { until = 0, progress = job.progress }) {
      job.leaseUntil = Math.max(until, job.leaseUntil ?? 0);
      job.progress = progress;
      return true;
    },
  },
  done: {
    from: RESERVED,
    make(job, { result }, now) {
      job.error = undefined;
      job.result = result;
      return makeFinal(job, now);
    },
  },
  retry: {
    from: RESERVED,
    make(job, { at, error }, now) {
      job.error = error;
      return job.attempt > job.maxRetries ? makeFinal(job, now, "exhausted") : makeWaiting(job, now, at);
    },
  },
  release: {
    from: RESERVED,
    make(job) {
      job.attempt--;
      return makeWaiting(job);
    },
  },
  suspend: {
    from: RESERVED,
    make(job, { at, blockers }, now) {
      job.attempt--;
      return makeWaiting(job, now, at, blockers);
    },
  },
  expire: {
    from: RESERVED,
    make(job, { at }, now) {
      if (job.leaseUntil === undefined || job.leaseUntil > now) return false;
      job.attempt--;
      job.leaseLosses++;
      return job.leaseLosses >= job.maxLeaseLosses ? makeFinal(job, now, "poison") : makeWaiting(job, now, at);
    },
  },
  cancel: {
    from: ["delayed", "ready", "reserved"],
    make(job, { reason, error = job.error }, now) {
      job.error = error;
      return makeFinal(job, now, reason);
    },
  },
  reset: {
    from: ["done", "canceled"],
    make(job) {
      job.attempt = 0;
      job.leaseLosses = 0;
      job.resetCount++;
      job.finishedAt = undefined;
      job.reason = undefined;
      job.error = undefined;
      job.progress = undefined;
      job.result = undefined;
      return makeWaiting(job);
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
