import { outOfRange, wrongType } from "@jobq/core";

/** A time of day on a clock of 24 hours. */
export interface TimeOfDay {
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

const TIME = /^([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?$/;

/**
 * Reads `"9:05"`, `"09:05"` and `"09:05:30"`.
 * @throws {TypeError} not a string
 * @throws {RangeError} not of that form, or not from 00:00 to 23:59:59
 */
export function timeOfDay(text: string): TimeOfDay {
  if (typeof text !== "string") throw wrongType("the time", 'a string like "09:00"', text);
  const parts = TIME.exec(text);
  if (!parts) throw outOfRange("the time", '"00:00" to "23:59:59"', text);
  return { hour: Number(parts[1]), minute: Number(parts[2]), second: Number(parts[3] ?? 0) };
}

/** The time as it is stored: `"09:05"`, with seconds only where there are some. */
export function timeText({ hour, minute, second }: TimeOfDay): string {
  return (second ? [hour, minute, second] : [hour, minute]).map((part) => String(part).padStart(2, "0")).join(":");
}
