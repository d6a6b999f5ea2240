import { checkOptions, type Duration, durationMs, outOfRange, type Timestamp } from "@jobq/core";
import { instantOf } from "./instant-of.ts";
import type { When } from "./when.ts";

/**
 * At `from` and whole multiples of the interval after it: by default the epoch, so that `"1h"` is due at each full hour
 * UTC, in every process. Real time: daylight saving does not move it.
 * @param interval at least 1 ms
 * @throws {TypeError | RangeError} not a duration, 0; `from` that is no instant
 */
export function every(
  interval: Duration,
  options: { readonly from?: Date | Timestamp | undefined } = {},
): When & { type: "every" } {
  const everyMs = durationMs(interval, "the interval");
  if (everyMs === 0) throw outOfRange("the interval", "at least 1 ms", interval);
  checkOptions(options, { from: true });
  return { type: "every", everyMs, fromAt: instantOf(options.from ?? 0, "from") };
}
