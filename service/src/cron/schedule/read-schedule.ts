import { JobqError } from "@jobq/core";
import { checkInteger, checkType } from "../../module.ts";
import { checkWhen } from "../when/check-when.ts";
import { instantOf } from "../when/instant-of.ts";
import { checkTimezone } from "../when/timezone.ts";
import type { OccurrenceTemplate, ScheduleDefinition, ScheduleState } from "./schedule-definition.ts";

/**
 * Reads a definition that was stored, by another version or an import perhaps.
 * @throws {JobqError} PAYLOAD_INVALID
 */
export function readDefinition(text: string): ScheduleDefinition {
  return read(text, (stored: ScheduleDefinition) => {
    checkTemplate(stored.template);
    return { ...stored, when: checkWhen(stored.when), timezone: checkTimezone(stored.timezone) };
  });
}

/**
 * Reads a state that was stored.
 * @throws {JobqError} PAYLOAD_INVALID
 */
export function readState(text: string): ScheduleState {
  return read(text, (stored: ScheduleState) => ({ ...stored, handledTo: instantOf(stored.handledTo, "handledTo") }));
}

function checkTemplate(template: OccurrenceTemplate): void {
  for (const key of ["topic", "name", "payload"] as const) checkType(template[key], "string", key);
  for (const key of ["weight", "maxRetries", "maxLeaseLosses", "timeoutMs"] as const)
    checkInteger(template[key], key, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
}

function read<Stored>(text: string, check: (stored: Stored) => Stored): Stored {
  try {
    return check(JSON.parse(text) as Stored);
  } catch (cause) {
    throw new JobqError("PAYLOAD_INVALID", "what is stored of a schedule cannot be read here", { cause });
  }
}
