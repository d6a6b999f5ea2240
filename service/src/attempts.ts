import { isFinal, type Job, type Note, type Timestamp } from "@jobq/core";
import { type AttemptError, attemptError } from "./input/attempt-error.ts";
import type { PayloadCodec } from "./input/payload-codec.ts";

/** What one attempt at a job did, and how it failed. */
export interface Attempt {
  /** Its number: 1 for the first since the job was enqueued or reset. */
  readonly attempt: number;
  /** The fencing token of its reservation. */
  readonly token: number;
  /** The service that held the job. */
  readonly by: string | undefined;
  readonly startedAt: Timestamp | undefined;
  readonly endedAt: Timestamp | undefined;
  /**
   * `running` while the job is reserved; `retried` or `exhausted` after a failure; `rejected` if the handler canceled
   * it.
   */
  readonly outcome: "running" | "done" | "retried" | "exhausted" | "rejected";
  readonly error?: AttemptError | undefined;
}

/** The kind of note that keeps an attempt that failed. */
export const ATTEMPT = "attempt";

/** The note on an attempt of this job that ends now by a failure. */
export function attemptNote(
  job: Job,
  outcome: "retried" | "exhausted" | "rejected",
  error: unknown,
  codec: PayloadCodec,
  now: Timestamp,
): Note {
  const { id, attempt, token, reservedBy: by, reservedAt: startedAt } = job;
  const record: Attempt = { attempt, token, by, startedAt, endedAt: now, outcome, error: attemptError(error) };
  // Keys sort as tokens do.
  return { id, kind: ATTEMPT, key: String(token).padStart(16, "0"), value: codec.encode(record, "payload"), at: now };
}

/** Every attempt that is known of, oldest first: those that failed, and the latest, if it runs or ended well. */
export function attemptsOf(job: Job, notes: readonly Note[], codec: PayloadCodec): Attempt[] {
  const failed = notes.map(({ value }) => codec.decode(value) as Attempt);
  const { state, attempt, token, reservedBy: by, reservedAt: startedAt, finishedAt: endedAt } = job;
  const isKept = failed.some((one) => one.token === token);
  if (isKept || (state !== "reserved" && state !== "done")) return failed;
  const outcome = isFinal(state) ? "done" : "running";
  return [...failed, { attempt, token, by, startedAt, endedAt: isFinal(state) ? endedAt : undefined, outcome }];
}
