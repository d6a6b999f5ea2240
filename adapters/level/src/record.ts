import { JobqError, received } from "@jobq/core";

/** The first character of every record: how the rest is written. */
const VERSION = "1";
const RAW = `${VERSION}=`;
const QUOTED = `${VERSION}"`;

/** Encodes a value as a record. */
export function jsonRecord(value: unknown): string {
  return VERSION + JSON.stringify(value);
}

/**
 * Decodes the value of a record; `key` is named in the error.
 * @throws {JobqError} STORE_FAILED if it cannot be read
 */
export function readJson<T>(key: string, record: string): T {
  if (record[0] !== VERSION) throw unreadable(key, record);
  try {
    return JSON.parse(record.slice(1)) as T;
  } catch (cause) {
    throw unreadable(key, record, cause);
  }
}

/** Encodes a large text as a record: unchanged if UTF-8 can carry it, quoted if it has a lone surrogate. */
export function textRecord(text: string): string {
  return isWellFormed(text) ? RAW + text : VERSION + JSON.stringify(text);
}

/** Decodes the text of a record. */
export function readText(key: string, record: string): string {
  if (record.startsWith(RAW)) return record.slice(RAW.length);
  if (record.startsWith(QUOTED)) return readJson(key, record);
  throw unreadable(key, record);
}

/** Returns the error for a record that cannot be read; it names the record. */
export function unreadable(key: string, record: string | undefined, cause?: unknown): JobqError {
  return new JobqError("STORE_FAILED", `the record ${received(key)} cannot be read: got ${received(record)}`, {
    cause,
    details: { key },
  });
}

/** Returns whether UTF-8 can carry the text, that is, whether it has no lone surrogate. */
export function isWellFormed(text: string): boolean {
  return (text as { isWellFormed?(): boolean }).isWellFormed?.() ?? !/\p{Surrogate}/u.test(text);
}
