import { JobqError } from "@jobq/core";

/** What an error of a driver means for the statement that met it. */
export type FailureKind =
  /** Somebody else was in the way; the same may well work in a moment. */
  | "busy"
  /** Somebody else's transaction holds a lock, maybe for long, and was not waited for any longer. */
  | "locked"
  /** A row with that key, or the schema, table or type that was to be made, is there already. */
  | "duplicate"
  /** Somebody, or something, had the statement canceled: nothing of it is stored. */
  | "canceled"
  /** The connection could not be had: nothing was sent. */
  | "unreachable"
  /** The connection broke; what had been sent may or may not have happened. */
  | "broken"
  /** The tables are not there. */
  | "missing"
  /** The database is not there, or on SQLite is not attached. */
  | "no database"
  /** More than the database takes at once. */
  | "too large"
  | "other";

interface DriverError {
  readonly code?: unknown;
  readonly errno?: unknown;
  readonly errcode?: unknown;
  readonly message?: unknown;
}

/** SQLSTATEs of PostgreSQL, names of MySQL's and SQLite's errors, codes of Node and of the drivers. */
const KINDS: readonly (readonly [FailureKind, RegExp])[] = [
  ["busy", /^(40001|40P01|ER_LOCK_DEADLOCK|ER_CHECKREAD|SQLITE_BUSY.*|SQLITE_LOCKED.*)$/],
  ["locked", /^(55P03|ER_LOCK_WAIT_TIMEOUT|ER_LOCK_NOWAIT)$/],
  ["canceled", /^57014$/],
  ["duplicate", /^(23505|42P06|42P07|42710|ER_DUP_ENTRY|SQLITE_CONSTRAINT_(UNIQUE|PRIMARYKEY))$/],
  ["missing", /^(42P01|3F000|ER_NO_SUCH_TABLE)$/],
  ["no database", /^(3D000|ER_BAD_DB_ERROR)$/],
  ["too large", /^(ER_NET_PACKET_TOO_LARGE|SQLITE_TOOBIG|54000)$/],
  ["unreachable", /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|57P03|53300|ER_CON_COUNT_ERROR|CONNECT_TIMEOUT)$/],
  [
    "broken",
    /^(08\w{3}|40003|57P0[125]|25P0[34]|ECONNRESET|EPIPE|ETIMEDOUT|PROTOCOL_\w+|ER_SERVER_SHUTDOWN|CONNECTION_(CLOSED|ENDED|DESTROYED))$/,
  ],
];

/** For drivers that give no code, or not the same one on every runtime. */
const MESSAGES: readonly (readonly [FailureKind, RegExp])[] = [
  ["busy", /database (table )?is locked/i],
  ["duplicate", /UNIQUE constraint failed/i],
  ["missing", /no such table/i],
  ["no database", /unknown database/i],
  ["too large", /invalid memory alloc request size|string or blob too big/i],
  ["unreachable", /timeout exceeded when trying to connect|driver has already been destroyed|Pool is closed/i],
  ["broken", /Connection terminated|not queryable|closed state|server closed the connection|Query read timeout/i],
];

/** A statement that took longer than it may would do so again. */
const TIMED_OUT = /statement timeout/i;

/** Tells what an error means. */
export function failureKind(error: unknown): FailureKind {
  if (error instanceof JobqError) return error.cause === undefined ? "other" : failureKind(error.cause);
  const { code, message } = (error ?? {}) as DriverError;
  const found =
    KINDS.find(([, pattern]) => typeof code === "string" && pattern.test(code)) ??
    MESSAGES.find(([, pattern]) => typeof message === "string" && pattern.test(message));
  const isTimeout = found?.[0] === "canceled" && TIMED_OUT.test(String(message));
  return isTimeout ? "other" : (found?.[0] ?? "other");
}

/**
 * True for a lock that was waited for in vain and is that of no row: PostgreSQL tells which row it was, but tells nothing
 * where a table was being extended, which is over in a moment.
 */
export function isBriefLock(error: unknown): boolean {
  if (error instanceof JobqError) return isBriefLock(error.cause);
  const { code, where } = (error ?? {}) as { readonly code?: unknown; readonly where?: unknown };
  return code === "55P03" && where === undefined;
}

/** True when the same may work once somebody else has ended. */
export function isInTheWay(kind: FailureKind): boolean {
  return kind === "busy" || kind === "locked";
}

/**
 * The error as the ports promise it.
 * @param unanswered true when the statement that met it was one whose effect would last
 */
export function storeError(error: unknown, unanswered: boolean): JobqError {
  if (error instanceof JobqError) return error;
  const kind = failureKind(error);
  const { code, errno, message } = (error ?? {}) as DriverError;
  const options = { cause: error, details: { kind, code: code ?? errno } };
  if (kind === "missing") {
    return new JobqError("STORE_VERSION", `the tables of jobq are not there: run migrate() (${message})`, options);
  }
  if (kind === "too large") {
    return new JobqError("PAYLOAD_TOO_LARGE", `more than the database takes at once: ${message}`, options);
  }
  if (kind === "broken" && unanswered) {
    const text = `the connection broke before the database answered, so the write may or may not be there (${message})`;
    return new JobqError("OUTCOME_UNKNOWN", text, options);
  }
  return new JobqError("STORE_FAILED", `the database failed: ${message}`, options);
}

/** True for what PostgreSQL says of a savepoint where no transaction is open, and Kysely of a transaction that has ended. */
export function isOutside(error: unknown): boolean {
  const { code, message } = (error ?? {}) as DriverError;
  return code === "25P01" || /^Transaction is already (committed|rolled back)/.test(String(message));
}

/** The caller's mistake: what was given as a transaction is none. */
export function notOpen(cause: unknown): JobqError {
  const text = `no transaction is open on what was given as "within": run \`begin\` on the client before the call, and make the call before the transaction ends`;
  return new JobqError("INVALID_STATE", text, { cause, details: { kind: "no transaction" } });
}

/** MySQL says the same of a transaction that was never begun and of one that it has rolled back. */
export function transactionGone(cause: unknown): JobqError {
  const { code, errno, message } = (cause ?? {}) as DriverError;
  const text = `your transaction is not open: it was never begun, or the database has rolled it back, and it is to be repeated as a whole (${message})`;
  return new JobqError("TRANSACTION_ABORTED", text, {
    cause,
    details: { kind: failureKind(cause), code: code ?? errno },
  });
}

/** What to do about a failure inside a transaction of the user's that only the whole transaction can make good. */
export function transactionAborted(cause: unknown): JobqError {
  const { code, errno, message } = (cause ?? {}) as DriverError;
  const text = `another transaction was in the way of yours: roll yours back and repeat it as a whole (${message})`;
  return new JobqError("TRANSACTION_ABORTED", text, {
    cause,
    details: { kind: failureKind(cause), code: code ?? errno },
  });
}
