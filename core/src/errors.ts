/** Every code a {@link JobqError} can carry; codes never change their meaning between major versions. */
export type JobqErrorCode =
  /** No job has that id. */
  | "JOB_NOT_FOUND"
  /** The reservation is over: its lease ended and the job moved on, or the job was settled, canceled or removed. */
  | "LEASE_LOST"
  /** The job's state does not allow the change. */
  | "INVALID_STATE"
  /** Another job that has not ended holds the unique key. */
  | "DUPLICATE_JOB"
  /**
   * The encoded payload or result is larger than the limit, or the write larger than the store takes: nothing is
   * stored.
   */
  | "PAYLOAD_TOO_LARGE"
  /** The payload or result could not be encoded or decoded. */
  | "PAYLOAD_INVALID"
  /** Stored data cannot be decrypted: its key is unknown, or it is damaged. */
  | "DECRYPTION_FAILED"
  /** The service or the store is closed. */
  | "CLOSED"
  /** A wait or a handler exceeded its timeout. */
  | "TIMEOUT"
  /** The store failed; `cause` is its own error. */
  | "STORE_FAILED"
  /** Another process has the store open. */
  | "STORE_LOCKED"
  /** The store was written by a newer version, or has not been migrated. */
  | "STORE_VERSION"
  /** The connection broke before the store answered: the write may or may not have happened. */
  | "OUTCOME_UNKNOWN"
  /** Another transaction conflicts with yours: roll yours back and repeat it as a whole. */
  | "TRANSACTION_ABORTED"
  /** The code of a workflow does not match the record of a run: the run is parked. */
  | "WORKFLOW_DRIFT"
  /** The code of a strict workflow used the clock, random numbers or a timer between its steps: the run is parked. */
  | "WORKFLOW_NONDETERMINISTIC"
  /** A run has reached the limit of what it may record. */
  | "WORKFLOW_LIMIT"
  /** A child of a run was canceled or removed. */
  | "CHILD_FAILED";

/** Facts about the failure, for programs; the message is for people. */
export type JobqErrorDetails = Readonly<Record<string, unknown>>;

/**
 * The one error class of jobq. Branch on `code`; messages may change. Wrong arguments are `TypeError` or `RangeError`.
 */
export class JobqError extends Error {
  override readonly name = "JobqError";
  readonly code: JobqErrorCode;
  readonly details: JobqErrorDetails;

  constructor(code: JobqErrorCode, message: string, options: { cause?: unknown; details?: JobqErrorDetails } = {}) {
    super(message, options);
    this.code = code;
    this.details = options.details ?? {};
  }
}

/** Returns a received value as text that is short enough for a message. */
export function received(value: unknown): string {
  if (typeof value === "object" && value !== null && !(value instanceof Date))
    return Array.isArray(value) ? "an array" : "an object";
  const text = String(value);
  const short = text.length > 80 ? `${text.slice(0, 80)}…` : text;
  return typeof value === "string" ? `"${short}"` : short;
}

/** Returns a `TypeError` that says what an argument must be, and what was received. */
export function wrongType(what: string, expected: string, value: unknown): TypeError {
  return new TypeError(`${what} must be ${expected}, got ${received(value)}`);
}

/** Returns a `RangeError` for an argument out of its range; it names what was received. */
export function outOfRange(what: string, range: string, value: unknown): RangeError {
  return new RangeError(`${what} must be ${range}, got ${received(value)}`);
}
