import type { JobId, Timestamp } from "@jobq/core";
import { derivedId } from "../../module.ts";

/** The id of the job that an instant of a schedule gives. */
export function occurrenceId(schedule: string, instant: Timestamp): JobId {
  return derivedId(`occurrence ${schedule}`, instant);
}

/** The id of the job that is the schedule of that name. */
export function scheduleId(schedule: string): JobId {
  return derivedId(`schedule ${schedule}`);
}
