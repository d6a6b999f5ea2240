import type { Timestamp } from "./clock.ts";

/** Names one job for ever: a UUIDv7, so that ids sort by creation. */
export type JobId = string;

/** Names a queue; a topic exists as soon as something is enqueued on it. */
export type Topic = string;

/** Every state there is, in the order a job usually meets them. */
export const JOB_STATES = ["delayed", "ready", "reserved", "done", "canceled"] as const;

/** The state of a job; there is no sixth. */
export type JobState = (typeof JOB_STATES)[number];

/** Every reason a canceled job can carry. */
export const CANCEL_REASONS = ["canceled", "exhausted", "rejected", "poison", "dependency", "expired"] as const;

/**
 * Why a job is canceled: somebody asked (`canceled`), no retries left (`exhausted`), the handler said never again
 * (`rejected`), its leases kept being lost (`poison`), a job it waits for failed (`dependency`), its time to live
 * passed (`expired`).
 */
export type CancelReason = (typeof CANCEL_REASONS)[number];

/** How far a job has come, as its holder last reported. */
export interface Progress {
  /** From 0 to 1. */
  readonly value: number;
  readonly message?: string;
}

/** What is decided at enqueue and never changes afterwards, but for the payload. */
export interface JobSpec {
  readonly id: JobId;
  readonly topic: Topic;
  /** Which handler runs the job. */
  readonly name: string;
  /** int16; lower runs first. */
  readonly weight: number;
  readonly createdAt: Timestamp;
  /** Retries after the first attempt; the job has `maxRetries + 1` attempts in all. */
  readonly maxRetries: number;
  /** Lost leases after which the job is canceled as `poison`. */
  readonly maxLeaseLosses: number;
  /** The lease of a reservation that does not ask for another. */
  readonly timeoutMs: number;
  /** How long the job waits before its first retry; each further one waits twice as long as the one before. */
  readonly backoffMinMs: number;
  /** The longest it waits between two attempts. */
  readonly backoffMaxMs: number;
  /** At most one job that is neither done nor canceled holds a unique key. */
  readonly unique?: string | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
  /** The bundle that the job is a member of. */
  readonly bundle?: JobId | undefined;
}

/** What transitions change. */
export interface JobStatus {
  readonly state: JobState;
  /** The fencing number of the latest reservation, 0 before the first; it never shrinks. */
  readonly token: number;
  /** Reservations that count against `maxRetries`. */
  readonly attempt: number;
  readonly leaseLosses: number;
  readonly resetCount: number;
  /** When a delayed job is due; a delayed job without it waits for its blockers alone. */
  readonly runAt?: Timestamp | undefined;
  /** Jobs that have to end before a delayed one can be ready; never empty. */
  readonly blockers?: readonly JobId[] | undefined;
  readonly leaseUntil?: Timestamp | undefined;
  readonly reservedAt?: Timestamp | undefined;
  /** Who holds the reservation. */
  readonly reservedBy?: string | undefined;
  readonly finishedAt?: Timestamp | undefined;
  readonly reason?: CancelReason | undefined;
  /** What the latest failed attempt reported, or why the job was canceled. */
  readonly error?: string | undefined;
  readonly progress?: Progress | undefined;
}

/** A job without its two large parts; lists and outcomes carry heads, so that they stay small. */
export interface JobHead extends JobSpec, JobStatus {}

/** A unit of work. */
export interface Job extends JobHead {
  /** The user's data as the codec encoded it. */
  readonly payload: string;
  /** What the handler returned, encoded likewise; only a done job has one. */
  readonly result?: string | undefined;
}

/** True for the states that never change again except by reset or removal. */
export function isFinal(state: JobState): boolean {
  return state === "done" || state === "canceled";
}

/** The job without its two large parts. */
export function headOf(job: Job): JobHead {
  const { payload, result, ...head } = job;
  return head;
}

/**
 * A copy that shares nothing changeable. Every field is named, in one order: the engine then gives all jobs one shape,
 * which makes copying them several times as fast as a spread.
 */
export function copyJob<J extends JobHead>(job: J): J {
  const { payload, result, tags, blockers, progress } = job as JobHead & Partial<Job>;
  const copy: { readonly [K in keyof Job]: Job[K] | undefined } = {
    id: job.id,
    topic: job.topic,
    name: job.name,
    weight: job.weight,
    createdAt: job.createdAt,
    maxRetries: job.maxRetries,
    maxLeaseLosses: job.maxLeaseLosses,
    timeoutMs: job.timeoutMs,
    backoffMinMs: job.backoffMinMs,
    backoffMaxMs: job.backoffMaxMs,
    unique: job.unique,
    tags: tags && { ...tags },
    bundle: job.bundle,
    state: job.state,
    token: job.token,
    attempt: job.attempt,
    leaseLosses: job.leaseLosses,
    resetCount: job.resetCount,
    runAt: job.runAt,
    blockers: blockers && [...blockers],
    leaseUntil: job.leaseUntil,
    reservedAt: job.reservedAt,
    reservedBy: job.reservedBy,
    finishedAt: job.finishedAt,
    reason: job.reason,
    error: job.error,
    progress: progress && { ...progress },
    payload,
    result,
  };
  return copy as JobHead as J;
}
