import { type CancelReason, type Claim, dataOfBackoff, type Job, type JobHead, type JobState } from "@jobq/core";
import type { Row } from "../statement/statement.ts";
import { fromText } from "../statement/text.ts";

const number = (value: unknown): number => (typeof value === "number" ? value : Number(value));
/** A number, if there is one. */
export const maybeNumber = (value: unknown): number | undefined => (isThere(value) ? number(value) : undefined);
const maybeText = (value: unknown): string | undefined => (isThere(value) ? fromText(value as string) : undefined);
const isThere = (value: unknown): boolean => value !== null && value !== undefined;

/** A value that was kept as JSON, if there is one. */
export const maybeJson = <T>(value: unknown): T | undefined =>
  isThere(value) ? (JSON.parse(value as string) as T) : undefined;

/** The head in a row; what is not among the columns is left out. */
export function headOf(row: Row): JobHead {
  return {
    id: row.id as string,
    topic: fromText(row.topic as string),
    name: fromText(row.name as string),
    weight: number(row.weight),
    createdAt: number(row.created_at),
    maxRetries: number(row.max_retries),
    maxLeaseLosses: number(row.max_lease_losses),
    timeoutMs: number(row.timeout_ms),
    data: dataOfBackoff(number(row.backoff_min_ms), number(row.backoff_max_ms)),
    unique: maybeText(row.unique_key),
    tags: maybeJson(row.tags),
    group: (row.bundle as string | null) ?? undefined,
    state: row.state as JobState,
    token: number(row.token),
    attempt: number(row.attempt),
    leaseLosses: number(row.lease_losses),
    resetCount: number(row.reset_count),
    runAt: maybeNumber(row.run_at),
    blockers: maybeJson(row.blockers),
    leaseUntil: maybeNumber(row.lease_until),
    reservedAt: maybeNumber(row.reserved_at),
    reservedBy: maybeText(row.reserved_by),
    finishedAt: maybeNumber(row.finished_at),
    reason: (row.reason as CancelReason | null) ?? undefined,
    error: maybeText(row.error),
    progress: maybeJson(row.progress),
  };
}

/** The job in a row that was just reserved by a claim: what follows from that is not among the columns. */
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
