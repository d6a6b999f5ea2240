import { outOfRange, type Timestamp, wrongType } from "@jobq/core";

/** The latest instant that a `Date` can name. */
const LAST_INSTANT = 8.64e15;

/**
 * The epoch milliseconds of a `Date` or of themselves.
 * @throws {TypeError} neither of the two
 * @throws {RangeError} an invalid date, a fraction of a millisecond, an instant that no `Date` can name
 */
export function instantOf(value: Date | Timestamp, what: string): Timestamp {
  if (!(value instanceof Date) && typeof value !== "number")
    throw wrongType(what, "a Date or epoch milliseconds", value);
  const at = Number(value);
  if (Number.isInteger(at) && Math.abs(at) <= LAST_INSTANT) return at;
  throw outOfRange(what, "a valid instant", value);
}
