import type { WireState } from "../../../src/wire/states.ts";

/** How a state is called, and what it means. */
interface StateName {
  readonly label: string;
  readonly meaning: string;
}

const NAMES: Readonly<Record<WireState, StateName>> = {
  pending: { label: "Pending", meaning: "ready to run" },
  scheduled: { label: "Scheduled", meaning: "picked, not yet handed out" },
  running: { label: "Running", meaning: "a worker has it" },
  retrying: { label: "Retrying", meaning: "waits for its next attempt" },
  delayed: { label: "Delayed", meaning: "waits for its time, other jobs or a free place" },
  completed: { label: "Completed", meaning: "ended well" },
  failed: { label: "Failed", meaning: "given up by its handler, or a job it waited for failed" },
  dead_letter: { label: "Dead letter", meaning: "no attempts left, kept losing its worker, or came too late" },
  cancelled: { label: "Cancelled", meaning: "somebody called it off" },
};

/** The states that jobs of ours have, in the order a job meets them. */
export const SHOWN_STATES = [
  "pending",
  "running",
  "retrying",
  "delayed",
  "completed",
  "failed",
  "dead_letter",
  "cancelled",
] as const satisfies readonly WireState[];

/** The name of a state, as people read it. */
export function stateLabel(state: WireState): string {
  return NAMES[state].label;
}

/** What a state means, in a few words. */
export function stateMeaning(state: WireState): string {
  return NAMES[state].meaning;
}
