import { invalid } from "../fault.ts";

/** What a duration may look like: `"300ms"`, `"30s"`, `"1h30m"`, `"1.5h"`, `"7d"`, `"0"`; 0 to 100 years. */
export const GO_DURATION: RegExp = /^\+?(?:0|(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h|d))+)$/;

const UNIT_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3, // the micro sign
  μs: 1e-3, // the Greek letter
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

const LONGEST_MS = 36_600 * 86_400_000;

/**
 * Milliseconds, rounded to the nearest, of a duration as Go writes it, with `d` for days as well.
 * @param field names it in the fault
 * @throws {Fault} validation_failed
 */
export function goDurationMs(text: string, field: string): number {
  if (!GO_DURATION.test(text)) throw invalid(field, `${field} must be a duration such as "30s" or "1h30m"`);
  let ms = 0;
  for (const [, value, unit] of text.matchAll(/(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h|d)/g)) {
    ms += Number(value) * (UNIT_MS[unit as string] as number);
  }
  if (ms > LONGEST_MS) throw invalid(field, `${field} must be at most 100 years`);
  return Math.round(ms);
}
