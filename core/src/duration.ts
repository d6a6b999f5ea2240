import { outOfRange, wrongType } from "./errors.ts";

/** A length of time: milliseconds, or a number with a unit such as `"500ms"`, `"30s"`, `"5m"`, `"2h"`, `"7d"`, `"1.5h"`. */
export type Duration = number | `${number}${"ms" | "s" | "m" | "h" | "d"}`;

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A hundred years of 366 days: longer than any plan, short enough that instants stay exact. */
const LONGEST_MS = 36_600 * 86_400_000;

/**
 * Returns a duration in milliseconds, rounded to whole ones.
 * @param what the name of the argument in the error
 * @throws {TypeError} neither a number nor a string of that form
 * @throws {RangeError} negative, not finite, or over a hundred years
 */
export function durationMs(duration: Duration, what = "duration"): number {
  const match = typeof duration === "string" && /^(-?\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(duration);
  if (!match && typeof duration !== "number") throw wrongType(what, 'milliseconds or a string like "30s"', duration);
  const ms = match ? Number(match[1]) * (UNIT_MS[match[2] as string] as number) : (duration as number);
  if (ms >= 0 && ms <= LONGEST_MS) return Math.round(ms);
  throw outOfRange(what, "between 0 and 100 years", duration);
}
