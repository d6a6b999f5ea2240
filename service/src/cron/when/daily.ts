import { timeOfDay, timeText } from "./time-of-day.ts";
import type { When } from "./when.ts";

/**
 * Every day at that time of the schedule's zone. On a day that leaves it out the first instant after the gap; on one
 * that has it twice the first of the two.
 * @param time `"09:00"` or `"09:00:30"`
 * @throws {TypeError | RangeError} not a string; no time of day
 */
export function daily(time: string): When & { type: "daily" } {
  return { type: "daily", time: timeText(timeOfDay(time)) };
}
