import type { Change, ChangeOf, ChangeType } from "./change.ts";
import type { Timestamp } from "./clock.ts";
import { type CancelReason, copyJob, JOB_STATES, type JobHead, type JobState, waitsForSlot } from "./job.ts";
import type { Refusal } from "./refusal.ts";

/** A job's status while a change is being made to a copy of it. */
export type Draft = { -readonly [K in keyof JobHead]: JobHead[K] } & { result?: string | undefined };

/** One row of the table: where a change may start, and what it does. */
export interface Rule<T extends ChangeType = ChangeType> {
  readonly from: readonly JobState[];
  /** Makes the change on a copy of the job; false when a guard beyond state and token fails. */
  readonly make: (job: Draft, change: ChangeOf<T>, now: Timestamp) => boolean;
}

/** What a job waits for. */
type Waits = Pick<JobHead, "runAt" | "blockers" | "awaits">;

const NOTHING: Waits = {};

/** Delayed when something is still waited for, a slot included; ready otherwise. */
function makeWaiting(job: Draft, now = 0, waits: Waits = NOTHING): true {
  const { runAt = 0, blockers, awaits } = waits;
  job.runAt = runAt > now ? runAt : undefined;
  job.blockers = blockers?.length ? blockers : undefined;
  // What a job does not have is not written, so that it gets no field for it: see copyJob.
  if (job.awaits !== awaits) job.awaits = awaits;
  job.leaseUntil = undefined;
  const waitsForMore = job.runAt !== undefined || job.blockers !== undefined || awaits !== undefined;
  job.state = waitsForMore || (job.limit && job.slot === undefined) ? "delayed" : "ready";
  return true;
}

/** Done, or canceled for a reason. */
function makeFinal(job: Draft, now: Timestamp, reason?: CancelReason): true {
  makeWaiting(job);
  job.state = reason ? "canceled" : "done";
  job.reason = reason;
  job.finishedAt = now;
  if (job.woken) job.woken = undefined;
  if (job.slot !== undefined) job.slot = undefined;
  return true;
}

/** True when its time to live has passed. */
function isExpired({ expiresAt }: Draft, now: Timestamp): boolean {
  return expiresAt !== undefined && expiresAt <= now;
}

const RESERVED = ["reserved"] as const;
const LIVE = ["delayed", "ready", "reserved"] as const;
const FINAL = ["done", "canceled"] as const;

/** The state machine: one rule for each type of change. Nothing else changes the state of a job. */
export const TRANSITIONS: { readonly [T in ChangeType]: Rule<T> } = {
  promote: {
    from: ["delayed"],
    make(job, _, now) {
      if (job.blockers || job.runAt === undefined || job.runAt > now) return false;
      return isExpired(job, now) ? makeFinal(job, now, "expired") : makeWaiting(job);
    },
  },
  unblock: {
    from: JOB_STATES,
    make(job, { by, all, fails }, now) {
      if (!job.blockers?.includes(by)) return true;
      const blockers = all ? [] : job.blockers.filter((id) => id !== by);
      if (fails && blockers.length === 0) {
        job.error = `job ${by}, which it waited for, was canceled or removed`;
        return makeFinal(job, now, "dependency");
      }
      return makeWaiting(job, now, { runAt: job.runAt, blockers, awaits: job.awaits });
    },
  },
  wake: {
    from: LIVE,
    make(job, _, now) {
      if (job.state === "reserved") job.woken = true;
      else if (job.awaits !== undefined) makeWaiting(job, now, { blockers: job.blockers });
      return true;
    },
  },
  reserve: {
    from: ["ready"],
    make(job, { by, leaseMs = job.timeoutMs }, now) {
      if (isExpired(job, now)) return makeFinal(job, now, "expired");
      job.state = "reserved";
      job.token++;
      job.attempt++;
      job.leaseUntil = now + leaseMs;
      job.reservedAt = now;
      job.reservedBy = by;
      job.progress = undefined;
      if (job.woken) job.woken = undefined;
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
      return job.attempt > job.maxRetries ? makeFinal(job, now, "exhausted") : makeWaiting(job, now, { runAt: at });
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
    make(job, { at, awaits }, now) {
      job.attempt--;
      if (awaits !== undefined && job.woken) return makeWaiting(job);
      return makeWaiting(job, now, { runAt: at, awaits });
    },
  },
  expire: {
    from: RESERVED,
    make(job, { at }, now) {
      if (job.leaseUntil === undefined || job.leaseUntil > now) return false;
      job.attempt--;
      job.leaseLosses++;
      if (job.leaseLosses >= job.maxLeaseLosses) return makeFinal(job, now, "poison");
      return makeWaiting(job, now, { runAt: at });
    },
  },
  cancel: {
    from: LIVE,
    make(job, { reason, error = job.error }, now) {
      job.error = error;
      return makeFinal(job, now, reason);
    },
  },
  admit: {
    from: ["delayed"],
    make(job, { slot }) {
      if (!waitsForSlot(job)) return false;
      job.slot = slot;
      return makeWaiting(job);
    },
  },
  link: {
    from: LIVE,
    make(job) {
      job.links = (job.links ?? 0) + 1;
      return true;
    },
  },
  resolve: {
    from: FINAL,
    make(job, { told }) {
      if (job.links !== told) return false;
      job.links = undefined;
      return true;
    },
  },
  freeKey: {
    from: JOB_STATES,
    make(job) {
      job.unique = undefined;
      if (job.uniqueSpan) job.uniqueSpan = undefined;
      return true;
    },
  },
  check: {
    from: LIVE,
    make: (job, { blockedBy, lastToken = job.token }) =>
      job.token === lastToken && (blockedBy === undefined || !!job.blockers?.includes(blockedBy)),
  },
  reset: {
    from: FINAL,
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
 * Makes the change on `job` itself, or returns why it is refused and leaves the job unchanged. The only place that
 * decides whether a change is legal. A `done` with a result adds it; a reset removes it.
 */
export function applyChange(
  job: Draft,
  change: Change,
  now: Timestamp,
): Exclude<Refusal["code"], "LOCKED"> | undefined {
  const rule = TRANSITIONS[change.type] as Rule;
  const token = (change as { readonly token?: number }).token;
  if (token !== undefined && (job.state !== "reserved" || job.token !== token)) return "LEASE_LOST";
  return rule.from.includes(job.state) && rule.make(job, change as never, now) ? undefined : "INVALID_STATE";
}

/**
 * Returns the job after the change at `now`, as a new object, or why the change is refused. Works on heads and on whole
 * jobs.
 */
export function transition<J extends JobHead>(job: J, asked: Change, now: Timestamp): J | Refusal {
  const after = copyJob(job);
  const code = applyChange(after, asked, now);
  return code ? { ok: false, code, id: job.id, job } : after;
}

/** True if {@link transition} or a commit returned a refusal. */
export function isRefusal(answer: object): answer is Refusal {
  return (answer as Partial<Refusal>).ok === false;
}
