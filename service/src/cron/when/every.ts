import { checkOptions, type Duration, durationMs, outOfRange, type Timestamp } from "@jobq/core";
import { instantOf } from "./instant-of.ts";
import type { When } from "./when.ts";

/**
 * Due at `from` and after every multiple of the interval. By default `from` is the epoch, so `"1h"` is due at every
 * full hour UTC, in every process. It follows elapsed time, unaffected by daylight saving.
 * @param interval at least 1 ms
 * @throws {TypeError | RangeError} not a duration, or 0; `from` is not an instant
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
