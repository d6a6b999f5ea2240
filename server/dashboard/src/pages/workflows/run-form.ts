import type { JobState } from "@jobq/core";

/** A run as the API lists it. */
export interface RunForm {
  readonly id: string;
  readonly workflow: string;
  readonly state: JobState;
  readonly reason?: string;
  readonly error?: string;
  readonly created_at: string;
  readonly finished_at?: string;
}

/** How the states of a run are called, and the state of jobs whose colour says the same. */
export const RUN_STATES: Readonly<Record<JobState, { readonly label: string; readonly tone: string }>> = {
  ready: { label: "Pending", tone: "pending" },
  reserved: { label: "Running", tone: "running" },
  delayed: { label: "Waiting", tone: "delayed" },
  done: { label: "Completed", tone: "completed" },
  canceled: { label: "Cancelled or failed", tone: "failed" },
};

/** How a run stands, in a word. */
export function runState({ state, reason }: RunForm): { readonly label: string; readonly tone: string } {
  if (state !== "canceled") return RUN_STATES[state];
  return reason === "canceled" ? { label: "Cancelled", tone: "cancelled" } : { label: "Failed", tone: "failed" };
}
