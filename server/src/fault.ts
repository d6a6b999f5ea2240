import { JobqError, type JobqErrorCode, type JobqErrorDetails } from "@jobq/core";

/** All codes of error responses, with their status. */
export const FAULT_STATUS = {
  /** The request is no well-formed HTTP or JSON. */
  invalid_request: 400,
  /** A field, a parameter or a payload is not as it must be; `field` names it. */
  validation_failed: 400,
  unauthorized: 401,
  forbidden: 403,
  not_found: 404,
  method_not_allowed: 405,
  /** The body did not arrive in time. */
  request_timeout: 408,
  /** The job's state does not allow it, or another job holds the key. */
  conflict: 409,
  /** The reservation is over; the job is somebody else's, or has ended. */
  lease_lost: 409,
  too_large: 413,
  unsupported_media_type: 415,
  /** A payload or result that the codec of the service does not take, or a stored one that it cannot read. */
  payload_invalid: 422,
  rate_limited: 429,
  internal_error: 500,
  /** The write may or may not have been stored: look before repeating it. */
  outcome_unknown: 500,
  /** The store or the server cannot do it now. */
  unavailable: 503,
  /** It took too long; a write may still be stored. */
  timeout: 504,
} as const;

/** The code of an error response. */
export type FaultCode = keyof typeof FAULT_STATUS;

/** What a fault says beside its message. */
export interface FaultOptions {
  /** The field or parameter at fault. */
  readonly field?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** The library's own code and details, for clients that raise its errors again. */
  readonly jobq?: { readonly code: LibraryCode; readonly details?: JobqErrorDetails } | undefined;
  readonly cause?: unknown;
}

/** A code of {@link JobqError}, or which of the two standard errors a wrong argument is. */
export type LibraryCode = JobqErrorCode | "TYPE_ERROR" | "RANGE_ERROR";

/** A request that ends in an error response. */
export class Fault extends Error {
  override readonly name = "Fault";
  readonly code: FaultCode;
  readonly status: number;
  readonly options: FaultOptions;

  constructor(code: FaultCode, message: string, options: FaultOptions = {}) {
    super(message, { cause: options.cause });
    this.code = code;
    this.status = FAULT_STATUS[code];
    this.options = options;
  }
}

/** A fault of one field of the request. */
export function invalid(field: string, message: string): Fault {
  return new Fault("validation_failed", message, { field, jobq: { code: "TYPE_ERROR" } });
}

/** Which fault each error of the library is; what is said of the store's failures gives nothing away. */
const FAULT_OF: { readonly [C in JobqErrorCode]?: readonly [code: FaultCode, message?: string] } = {
  JOB_NOT_FOUND: ["not_found"],
  LEASE_LOST: ["lease_lost"],
  INVALID_STATE: ["conflict"],
  DUPLICATE_JOB: ["conflict"],
  PAYLOAD_TOO_LARGE: ["too_large"],
  PAYLOAD_INVALID: ["payload_invalid"],
  TIMEOUT: ["timeout"],
  CLOSED: ["unavailable", "the service is closed"],
  STORE_FAILED: ["unavailable", "the store could not do this"],
  STORE_LOCKED: ["unavailable", "the store is in use by another process"],
  STORE_VERSION: ["unavailable", "the store is of another version"],
  OUTCOME_UNKNOWN: ["outcome_unknown", "the write may or may not have been stored"],
};

/** Of the details of an error, those that are about the job that was asked for. */
const SHOWN = ["id", "doing", "state", "holder", "settled", "bytes", "limit"];

/** Any error as a fault. One that nobody foresaw becomes `internal_error`, and its message stays here. */
export function faultOf(error: unknown): Fault {
  if (error instanceof Fault) return error;
  if (error instanceof JobqError) {
    const [code, message = error.message] = FAULT_OF[error.code] ?? ["internal_error", "the request failed"];
    const shown = Object.entries(error.details).filter(([key]) => SHOWN.includes(key));
    const details = Object.fromEntries(shown);
    return new Fault(code, message, { cause: error, jobq: { code: error.code, details } });
  }
  if (isArgumentError(error)) {
    const code = error instanceof RangeError ? "RANGE_ERROR" : "TYPE_ERROR";
    return new Fault("validation_failed", error.message, {
      field: fieldOf(error.message),
      cause: error,
      jobq: { code },
    });
  }
  return new Fault("internal_error", "the request failed", { cause: error });
}

/** What a message of the library says is wrong, where that is a name: `limit.key`, or `requests[3].topic` of many. */
function fieldOf(message: string): string | undefined {
  const [, request, what] = /^(?:(\w+\[\d+\]): )?([a-z][\w.]*) must /i.exec(message) ?? [];
  return what && [request, what].filter(Boolean).join(".");
}

/** True for what the library throws at a wrong argument: core writes all of these alike, and no engine does. */
function isArgumentError(error: unknown): error is TypeError | RangeError {
  return (
    (error instanceof TypeError || error instanceof RangeError) &&
    / must (?:be .+, got |not have )/s.test(error.message)
  );
}
