import { type Duration, durationMs, outOfRange, received, type Timestamp, wrongType } from "@jobq/core";
import type { When } from "./when.ts";

/** The latest instant that a `Date` can name. */
const LAST_INSTANT = 8.64e15;

/**
 * At `from` and whole multiples of the interval after it: by default the epoch, so that `"1h"` is due at each full hour
 * UTC, whoever asks and whenever. Real time: daylight saving does not move it.
 * @param interval at least 1 ms
 * @throws {TypeError | RangeError} not a duration, 0; `from` that is no instant
 */
export function every(
  interval: Duration,
  options: { readonly from?: Date | Timestamp } = {},
): When & { type: "every" } {
  const everyMs = durationMs(interval, "the interval");
  if (everyMs === 0) throw outOfRange("the interval", "at least 1 ms", interval);
  if (typeof options !== "object" || options === null) throw wrongType("options", "an object", options);
  const unknown = Object.keys(options).find((name) => name !== "from");
  if (unknown !== undefined) throw new TypeError(`every has no option ${received(unknown)}, only "from"`);
  return { type: "every", everyMs, fromAt: instantOf(options.from ?? 0) };
}

function instantOf(from: Date | Timestamp): Timestamp {
  if (!(from instanceof Date) && typeof from !== "number")
    throw wrongType("from", "a Date or epoch milliseconds", from);
  const at = Number(from);
  if (Number.isInteger(at) && Math.abs(at) <= LAST_INSTANT) return at;
  throw outOfRange("from", "a valid instant", from);
}
