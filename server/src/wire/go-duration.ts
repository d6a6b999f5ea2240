import { invalid } from "../fault.ts";
import { string } from "../schema/schema.ts";

/** What a duration looks like, or nothing. */
const GO_DURATION = /^(?:\+?(?:0|(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h|d))+))?$/;

/** A duration as Go writes it, with `d` for days as well; the empty string stands for none. */
export const durationSchema = string({
  max: 64,
  pattern: GO_DURATION,
  format: 'a duration such as "300ms", "30s", "1h30m" or "7d"',
}).describe('such as "300ms", "30s", "1h30m" or "7d"');

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
 * Milliseconds, rounded to the nearest, of a duration that keeps {@link durationSchema}.
 * @param field names it in the fault
 * @throws {Fault} validation_failed
 */
export function goDurationMs(text: string, field: string): number {
  let ms = 0;
  for (const [, value, unit] of text.matchAll(/(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h|d)/g)) {
    ms += Number(value) * (UNIT_MS[unit as string] as number);
  }
  if (ms > LONGEST_MS) throw invalid(field, `${field} must be at most 100 years`);
  return Math.round(ms);
}

/**
 * As {@link goDurationMs}, for a lease, which is longer than nothing.
 * @throws {Fault} validation_failed
 */
export function leaseMsOf(text: string, field: string): number {
  const ms = goDurationMs(text, field);
  if (ms > 0) return ms;
  throw invalid(field, `${field} must be longer than nothing`);
}
