import { type Duration, durationMs, outOfRange } from "@jobq/core";

/**
 * A duration in milliseconds, at least one.
 * @throws {TypeError | RangeError} not a duration, or nothing long
 */
export function leaseMs(lease: Duration, what = "lease"): number {
  const ms = durationMs(lease, what);
  if (ms > 0) return ms;
  throw outOfRange(what, "longer than nothing", lease);
}
