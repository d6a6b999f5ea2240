import type { JobSpec, Timestamp } from "@jobq/core";
import type { DuePolicy } from "../occurrence/due-instants.ts";
import type { When } from "../when/when.ts";

/** What the jobs of a schedule have in common. */
export type OccurrenceTemplate = Omit<JobSpec, "id" | "createdAt" | "expiresAt"> & {
  readonly payload: string;
  /** How long after it was stored a job expires. */
  readonly expiresMs?: number | undefined;
};

/** What a schedule is, as it is stored: data that any process can act on, also one that lacks the job's definition. */
export interface ScheduleDefinition extends DuePolicy {
  readonly when: When;
  readonly timezone: string;
  readonly jitterMs?: number | undefined;
  readonly template: OccurrenceTemplate;
}

/** How far a schedule has come; written by those who hold its job. */
export interface ScheduleState {
  /** Up to and with this instant every one is dealt with. */
  readonly handledTo: Timestamp;
  /** The last instant that gave a job. */
  readonly lastAt?: Timestamp | undefined;
  readonly paused?: true | undefined;
}

/** True when both are due at the same instants. */
export function haveSameTimes(a: ScheduleDefinition, b: ScheduleDefinition): boolean {
  return a.timezone === b.timezone && JSON.stringify(a.when) === JSON.stringify(b.when);
}
