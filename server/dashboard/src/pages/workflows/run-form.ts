import type { CancelReason, JobState } from "@jobq/core";
import { STATE_OF_REASON, type WireState } from "../../../../src/wire/states.ts";
import { stateLabel } from "../../format/job-state.ts";

/** A run as the API lists it. */
export interface RunForm {
  readonly id: string;
  readonly workflow: string;
  readonly state: JobState;
  readonly reason?: CancelReason;
  readonly error?: string;
  readonly created_at: string;
  readonly finished_at?: string;
}

/** How the states of runs are called. */
export const RUN_STATES: Readonly<Record<JobState, string>> = {
  ready: "Pending",
  reserved: "Running",
  delayed: "Waiting",
  done: "Completed",
  canceled: "Failed or cancelled",
};

const TONES = { ready: "pending", reserved: "running", delayed: "delayed", done: "completed" } as const;

/** How a run stands, in a word, and the state of jobs whose colour says the same. */
export function runState({ state, reason }: RunForm): { readonly label: string; readonly tone: WireState } {
  if (state !== "canceled") return { label: RUN_STATES[state], tone: TONES[state] };
  const tone = STATE_OF_REASON[reason ?? "canceled"];
  return { label: stateLabel(tone), tone };
}
