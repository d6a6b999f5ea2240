import { outOfRange, wrongType } from "@jobq/core";
import { timeOfDay, timeText } from "./time-of-day.ts";
import type { When } from "./when.ts";

/** A day of the week. */
export type Weekday = "sunday" | "monday" | "tuesday" | "wednesday" | "thursday" | "friday" | "saturday";

/** The days of the week, in the order in which cron counts them from 0. */
export const WEEKDAYS: readonly Weekday[] = [
  "sunday",
  "monday",
  "tuesday",
  "wednesday",
  "thursday",
  "friday",
  "saturday",
];

/**
 * Due every week on this day at this time in the schedule's time zone; daylight saving as for `daily`.
 * @param time `"09:00"` or `"09:00:30"`
 * @throws {TypeError | RangeError} not a string, not an English day of the week, or not a time of day
 */
export function weekly(day: Weekday, time: string): When & { type: "weekly" } {
  if (typeof day !== "string") throw wrongType("the day", 'a day of the week like "monday"', day);
  if (!WEEKDAYS.includes(day)) throw outOfRange("the day", `one of ${WEEKDAYS.join(", ")}`, day);
  return { type: "weekly", day, time: timeText(timeOfDay(time)) };
}
