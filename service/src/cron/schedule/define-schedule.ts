import { checkOptions, durationMs, outOfRange, type Timestamp, wrongType } from "@jobq/core";
import { checkInteger, checkType, type ModuleContext } from "../../module.ts";
import { MISSED } from "../occurrence/due-instants.ts";
import { occurrenceTemplate } from "../occurrence/occurrence-template.ts";
import { checkWhen } from "../when/check-when.ts";
import { instantOf } from "../when/instant-of.ts";
import { checkTimezone } from "../when/timezone.ts";
import type { When } from "../when/when.ts";
import type { ScheduleDefinition } from "./schedule-definition.ts";
import { SCHEDULE_OPTIONS, type ScheduleOptions } from "./schedule-options.ts";

/**
 * What the options of a schedule come to, as it is stored.
 * @throws {TypeError | RangeError} an invalid option
 * @throws {JobqError} PAYLOAD_INVALID, PAYLOAD_TOO_LARGE
 */
export function defineSchedule(
  context: ModuleContext,
  name: string,
  when: When,
  options: ScheduleOptions,
  now: Timestamp,
): ScheduleDefinition {
  checkOptions(checkType(options, "object", "options"), SCHEDULE_OPTIONS);
  const { timezone = "UTC", missed = "one", most, jitter, until } = options;
  if (!MISSED.includes(checkType(missed, "string", "missed"))) throw outOfRange("missed", MISSED.join(", "), missed);
  if (most !== undefined && missed !== "all") throw wrongType("most", 'left out unless missed is "all"', most);
  return {
    when: checkWhen(when),
    timezone: checkTimezone(timezone),
    missed,
    most: most === undefined ? undefined : checkInteger(most, "most", 1, 10_000),
    jitterMs: jitter === undefined ? undefined : durationMs(jitter, "jitter"),
    untilAt: until === undefined ? undefined : instantOf(until, "until"),
    template: occurrenceTemplate(context, name, options, now),
  };
}
