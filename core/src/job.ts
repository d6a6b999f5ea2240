import type { Timestamp } from "./clock.ts";

/** The id of a job: by default a UUIDv7, so that ids sort by creation. */
export type JobId = string;

/** The name of a queue. A topic exists as soon as something is enqueued on it. */
export type Topic = string;

/** All states, in the order in which a job usually passes through them. */
export const JOB_STATES = ["delayed", "ready", "reserved", "done", "canceled"] as const;

/** The state of a job. */
export type JobState = (typeof JOB_STATES)[number];

/** Every reason a canceled job can carry. */
export const CANCEL_REASONS = ["canceled", "exhausted", "rejected", "poison", "dependency", "expired"] as const;

/**
 * Why a job is canceled: on request (`canceled`), no retries left (`exhausted`), rejected by its handler (`rejected`),
 * too many lost leases (`poison`), a job that it waited for was canceled or removed (`dependency`), its time to live
 * passed (`expired`).
 */
export type CancelReason = (typeof CANCEL_REASONS)[number];

/** The progress of a job, as its holder last reported it. */
export interface Progress {
  /** From 0 to 1. */
  readonly value: number;
  readonly message?: string;
}

/** How many jobs with the same key may be admitted at once. */
export interface JobLimit {
  /** Jobs with the same key share the limit, on any topic. */
  readonly key: string;
  /** The largest number of jobs that hold a slot at any time; at least 1. */
  readonly concurrency: number;
}

/** All values of {@link UniqueSpan}. */
export const UNIQUE_SPANS = ["queued", "kept"] as const;

/**
 * For how long a job holds its unique key: until it is first reserved (`queued`), or for as long as it is stored
 * (`kept`). Without one it holds the key until it has ended.
 */
export type UniqueSpan = (typeof UNIQUE_SPANS)[number];

/** The fields that are set at enqueue and never change afterwards. */
export interface JobSpec {
  readonly id: JobId;
  readonly topic: Topic;
  /** The name of the handler that runs the job. */
  readonly name: string;
  /** From -32,768 to 32,767; a lower weight runs first. */
  readonly weight: number;
  readonly createdAt: Timestamp;
  /** Retries after the first attempt; the job has `maxRetries + 1` attempts in all. */
  readonly maxRetries: number;
  /** Lost leases after which the job is canceled as `poison`. */
  readonly maxLeaseLosses: number;
  /** The lease of a reservation that does not ask for another one, in milliseconds. */
  readonly timeoutMs: number;
  /** Its time to live: from this instant on it is canceled as `expired` instead of being handed out. */
  readonly expiresAt?: Timestamp | undefined;
  /** At most one job holds a unique key; see {@link heldKey} for how long. `freeKey` takes it away for good. */
  readonly unique?: string | undefined;
  /** How long the key is held when it is not until the job has ended. */
  readonly uniqueSpan?: UniqueSpan | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
  /** The job that waits for the end of this one's group. */
  readonly parent?: JobId | undefined;
  /** The name of a group of jobs that are waited for together, such as the members of a bundle: 1 to 255 characters. */
  readonly group?: string | undefined;
  /** A live job with a limit is ready only while it holds one of the slots of the limit's key. */
  readonly limit?: JobLimit | undefined;
  /**
   * What modules store with the job, such as its retry policy; stores make no decisions by it. At most 16,384
   * characters.
   */
  readonly data?: string | undefined;
}

/** The fields that transitions change. */
export interface JobStatus {
  readonly state: JobState;
  /** The fencing token of the latest reservation, 0 before the first; it never decreases. */
  readonly token: number;
  /** The number of reservations that count against `maxRetries`. */
  readonly attempt: number;
  readonly leaseLosses: number;
  readonly resetCount: number;
  /** When a delayed job is due. Without it, a delayed job waits for blockers, a wake or a slot. */
  readonly runAt?: Timestamp | undefined;
  /** Jobs that must end before this one can be ready; never empty. */
  readonly blockers?: readonly JobId[] | undefined;
  /**
   * Set while a suspended job waits until its `runAt` or a `wake`, whichever comes first: the group whose end it waits
   * for, or the empty string if it waits for none.
   */
  readonly awaits?: string | undefined;
  /** A `wake` came while the job was reserved; its next `suspend` with `awaits` does not wait. */
  readonly woken?: true | undefined;
  /** Which of its limit's slots the job holds, counted from 0; no two live jobs hold the same one of a key. */
  readonly slot?: number | undefined;
  /** How many jobs, or modules, wait to be told that this one has ended; never 0. */
  readonly links?: number | undefined;
  readonly leaseUntil?: Timestamp | undefined;
  readonly reservedAt?: Timestamp | undefined;
  /** The service that made the latest reservation. */
  readonly reservedBy?: string | undefined;
  readonly finishedAt?: Timestamp | undefined;
  readonly reason?: CancelReason | undefined;
  /** The error of the latest failed attempt, or why the job was canceled. */
  readonly error?: string | undefined;
  readonly progress?: Progress | undefined;
}

/** A job without payload and result. Lists and outcomes contain heads, so that they stay small. */
export interface JobHead extends JobSpec, JobStatus {}

/** A unit of work. */
export interface Job extends JobHead {
  /** The user's data, encoded by the codec. */
  readonly payload: string;
  /** The result, encoded in the same way; only a done job has one. */
  readonly result?: string | undefined;
}

/**
 * Returns the unique key that the job holds, if it holds one: until it has ended, or for as long as its `uniqueSpan`
 * says. With `queued`, it loses the key for good when it is first reserved.
 */
export function heldKey(
  job: Pick<JobHead, "unique" | "uniqueSpan" | "state" | "token"> | undefined,
): string | undefined {
  if (job?.unique === undefined) return undefined;
  const { unique, uniqueSpan, state, token } = job;
  if (uniqueSpan === "kept") return unique;
  return isFinal(state) || (uniqueSpan === "queued" && token > 0) ? undefined : unique;
}

/** Returns the slot that the job holds, as `slot/key`; undefined if it has none or has ended. */
export function heldSlot(job: Pick<JobHead, "limit" | "slot"> | undefined): string | undefined {
  return job?.slot === undefined || !job.limit ? undefined : `${job.slot}/${job.limit.key}`;
}

/** True for a delayed job that waits only for a slot of its limit's key. */
export function waitsForSlot(
  job: Pick<JobHead, "state" | "limit" | "slot" | "runAt" | "blockers" | "awaits">,
): boolean {
  if (job.state !== "delayed" || !job.limit || job.slot !== undefined) return false;
  return job.runAt === undefined && !job.blockers && job.awaits === undefined;
}

/** True for `done` and `canceled`, which change only by a reset or a removal. */
export function isFinal(state: JobState): boolean {
  return state === "done" || state === "canceled";
}

/** What only few jobs have, apart from tags and payload: a job that has none of it carries no fields for it. */
type RareFields = Pick<
  JobHead,
  "expiresAt" | "uniqueSpan" | "parent" | "group" | "limit" | "awaits" | "woken" | "slot" | "links"
>;

function isRare(job: JobHead): boolean {
  return (
    job.links !== undefined ||
    job.limit !== undefined ||
    job.group !== undefined ||
    job.awaits !== undefined ||
    job.expiresAt !== undefined ||
    job.uniqueSpan !== undefined ||
    job.parent !== undefined ||
    job.woken !== undefined
  );
}

/**
 * Returns a copy that shares nothing changeable with the job. Every field is named, in one order: the engine then gives
 * jobs only two shapes, with and without the rare fields. Copying is several times as fast as a spread, and most jobs
 * are a third smaller.
 */
export function copyJob<J extends JobHead>(job: J): J {
  const { payload, result } = job as JobHead & Partial<Job>;
  return Object.assign(copyHead(job), { payload, result }) as JobHead as J;
}

/** Returns a copy of the job without its payload and result, made as {@link copyJob} makes it. */
export function copyHead(job: JobHead): JobHead {
  const { tags, blockers, progress } = job;
  const copy: { readonly [K in Exclude<keyof JobHead, keyof RareFields>]: JobHead[K] | undefined } = {
    id: job.id,
    topic: job.topic,
    name: job.name,
    weight: job.weight,
    createdAt: job.createdAt,
    maxRetries: job.maxRetries,
    maxLeaseLosses: job.maxLeaseLosses,
    timeoutMs: job.timeoutMs,
    unique: job.unique,
    tags: tags && { ...tags },
    data: job.data,
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
  };
  return (isRare(job) ? Object.assign(copy, rareFields(job)) : copy) as JobHead;
}

function rareFields(job: JobHead): { readonly [K in keyof RareFields]-?: JobHead[K] } {
  return {
    expiresAt: job.expiresAt,
    uniqueSpan: job.uniqueSpan,
    parent: job.parent,
    group: job.group,
    limit: job.limit && { ...job.limit },
    awaits: job.awaits,
    woken: job.woken,
    slot: job.slot,
    links: job.links,
  };
}
