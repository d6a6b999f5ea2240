import {
  type CancelReason,
  type Claim,
  dataOfBackoff,
  isFinal,
  JOB_STATES,
  type Job,
  type JobHead,
  type JobState,
  type UniqueSpan,
} from "@jobq/core";
import type { ChangedWhileHeld } from "../commit/reserved-jobs.ts";
import type { Row } from "../statement/statement.ts";
import { fromText } from "../statement/text.ts";

function number(value: unknown): number {
  const number = typeof value === "number" ? value : Number(value);
  if (Number.isNaN(number)) throw new TypeError(`${value} is no number`);
  return number;
}

const maybeNumber = (value: unknown): number | undefined => (isThere(value) ? number(value) : undefined);
const maybeText = (value: unknown): string | undefined => (isThere(value) ? fromText(value as string) : undefined);
const isThere = (value: unknown): boolean => value !== null && value !== undefined;

function maybeJson<T extends object>(value: unknown): T | undefined {
  if (!isThere(value)) return undefined;
  const parsed: unknown = JSON.parse(value as string);
  if (typeof parsed !== "object" || parsed === null) throw new TypeError(`${value} is no object`);
  return parsed as T;
}

function stateOf(value: unknown): JobState {
  const isKnown = value === undefined || JOB_STATES.includes(value as JobState);
  if (!isKnown) throw new TypeError(`${value} is no state`);
  return value as JobState;
}

/**
 * The head in a row; what is not among the columns is left out. The fields are in the order of core's `copyJob`.
 * @throws {TypeError | SyntaxError} what is in the row makes no sense
 */
export function headOf(row: Row): JobHead {
  const state = stateOf(row.state);
  return {
    id: row.id as string,
    topic: fromText(row.topic as string),
    name: fromText(row.name as string),
    weight: number(row.weight),
    createdAt: number(row.created_at),
    maxRetries: number(row.max_retries),
    maxLeaseLosses: number(row.max_lease_losses),
    timeoutMs: number(row.timeout_ms),
    expiresAt: maybeNumber(row.expires_at),
    unique: maybeText(row.unique_key),
    uniqueSpan: (row.unique_span as UniqueSpan | null) ?? undefined,
    tags: maybeJson(row.tags),
    parent: (row.parent as string | null) ?? undefined,
    group: maybeText(row.group_key),
    limit: isThere(row.limit_key)
      ? { key: fromText(row.limit_key as string), concurrency: number(row.limit_size) }
      : undefined,
    data: maybeText(row.data) ?? dataOfBackoff(number(row.backoff_min_ms), number(row.backoff_max_ms)),
    state,
    token: number(row.token),
    attempt: number(row.attempt),
    leaseLosses: number(row.lease_losses),
    resetCount: number(row.reset_count),
    runAt: maybeNumber(row.run_at),
    blockers: maybeJson(row.blockers),
    awaits: maybeText(row.awaits),
    woken: isThere(row.woken) ? true : undefined,
    slot: isFinal(state) ? undefined : maybeNumber(row.slot), // code of version 1 ends a job and leaves it
    links: maybeNumber(row.links),
    leaseUntil: maybeNumber(row.lease_until),
    reservedAt: maybeNumber(row.reserved_at),
    reservedBy: maybeText(row.reserved_by),
    finishedAt: maybeNumber(row.finished_at),
    reason: (row.reason as CancelReason | null) ?? undefined,
    error: maybeText(row.error),
    progress: maybeJson(row.progress),
  };
}

/** What a row tells of a job whose rest is known. */
export function changedOf(row: Row): ChangedWhileHeld {
  return {
    leaseUntil: maybeNumber(row.lease_until),
    progress: maybeJson(row.progress),
    unique: maybeText(row.unique_key),
    woken: isThere(row.woken) ? true : undefined,
    links: maybeNumber(row.links),
  };
}

/** True for the row of a job whose time to live had passed when it was claimed. */
export function hadExpired({ expires_at }: Row, now: number): boolean {
  return isThere(expires_at) && Number(expires_at) <= now;
}

/** The job in a row that was just claimed, and had not expired: what follows from that is not among the columns. */
export function claimedJobOf(row: Row, { by, leaseMs }: Claim, now: number): Job {
  const job = jobOf(row) as { -readonly [K in keyof Job]: Job[K] };
  job.state = "reserved";
  job.leaseUntil = now + (leaseMs ?? job.timeoutMs);
  job.reservedAt = now;
  job.reservedBy = by;
  return job;
}

/** The whole job in a row. */
export function jobOf(row: Row): Job {
  const job = headOf(row) as JobHead & { payload?: string; result?: string | undefined };
  job.payload = fromText(row.payload as string);
  job.result = maybeText(row.result);
  return job as Job;
}
