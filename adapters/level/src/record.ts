import { JobqError, received } from "@jobq/core";

/** The first character of every record: how the rest is written. */
const VERSION = "1";
const RAW = `${VERSION}=`;
const QUOTED = `${VERSION}"`;

/** A value as a record. */
export function jsonRecord(value: unknown): string {
  return VERSION + JSON.stringify(value);
}

/** The value of such a record; `key` is for the error. */
export function readJson<T>(key: string, record: string): T {
  if (record[0] !== VERSION) throw unreadable(key, record);
  try {
    return JSON.parse(record.slice(1)) as T;
  } catch (cause) {
    throw unreadable(key, record, cause);
  }
}

/** A large text as a record: as it is where UTF-8 can carry it, quoted where it holds half a surrogate pair. */
export function textRecord(text: string): string {
  return isWellFormed(text) ? RAW + text : VERSION + JSON.stringify(text);
}

/** The text of such a record. */
export function readText(key: string, record: string): string {
  if (record.startsWith(RAW)) return record.slice(RAW.length);
  if (record.startsWith(QUOTED)) return readJson(key, record);
  throw unreadable(key, record);
}

/** A failure that says which record it is that makes no sense. */
export function unreadable(key: string, record: string | undefined, cause?: unknown): JobqError {
  return new JobqError("STORE_FAILED", `the record ${received(key)} cannot be read: got ${received(record)}`, {
    cause,
    details: { key },
  });
}

/** Whether UTF-8 can carry the text: whether it has no half of a surrogate pair. */
export function isWellFormed(text: string): boolean {
  return (text as { isWellFormed?(): boolean }).isWellFormed?.() ?? !/\p{Surrogate}/u.test(text);
}
