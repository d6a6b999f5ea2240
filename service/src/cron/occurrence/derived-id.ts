import type { JobId, Timestamp } from "@jobq/core";
import { hash128 } from "../../module.ts";

/**
 * The id of the job that an instant of a schedule gives: the same in every process, so that storing it twice stores one.
 * A UUIDv7 of that instant, with a hash of the name where others have random bits.
 */
export function occurrenceId(schedule: string, instant: Timestamp): JobId {
  return derivedId(`occurrence ${schedule}`, instant);
}

/** The id of the job that is the schedule of that name. */
export function scheduleId(schedule: string): JobId {
  return derivedId(`schedule ${schedule}`, 0);
}

function derivedId(text: string, at: Timestamp): JobId {
  const time = hex(at, 12);
  const [a = 0, b = 0, c = 0] = hash128(text);
  const variant = hex(0x8000 | (a & 0x3fff), 4);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${hex(a >>> 20, 3)}-${variant}-${hex(b, 8)}${hex(c >>> 16, 4)}`;
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, "0");
}
