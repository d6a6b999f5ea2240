import { timeOfDay, timeText } from "./time-of-day.ts";
import type { When } from "./when.ts";

/**
 * Due every day at this time in the schedule's time zone. If the time does not exist on a day, it is due at the first
 * instant after the gap; if it occurs twice, the first time.
 * @param time `"09:00"` or `"09:00:30"`
 * @throws {TypeError | RangeError} not a string, or not a time of day
 */
export function daily(time: string): When & { type: "daily" } {
  return { type: "daily", time: timeText(timeOfDay(time)) };
}
