import type { CancelReason, JobHead, JobState } from "@jobq/core";

/** All states of a job on the wire. No job of jobq is ever `scheduled`. */
export const WIRE_STATES = [
  "pending",
  "scheduled",
  "running",
  "retrying",
  "delayed",
  "completed",
  "failed",
  "dead_letter",
  "cancelled",
] as const;

/** The state of a job on the wire. */
export type WireState = (typeof WIRE_STATES)[number];

/** The state on the wire for each reason of a canceled job. */
export const STATE_OF_REASON: Readonly<Record<CancelReason, WireState>> = {
  canceled: "cancelled",
  rejected: "failed",
  dependency: "failed",
  exhausted: "dead_letter",
  poison: "dead_letter",
  expired: "dead_letter",
};

/** What a job must have to be in a state on the wire; it is in that state when it has all of one of them. */
export interface StateQuery {
  readonly state: JobState;
  readonly reason?: CancelReason;
  /** Whether it has been tried: what tells `retrying` from `delayed`. */
  readonly tried?: boolean;
}

const QUERIES: Readonly<Record<WireState, readonly StateQuery[]>> = {
  pending: [{ state: "ready" }],
  scheduled: [],
  running: [{ state: "reserved" }],
  retrying: [{ state: "delayed", tried: true }],
  delayed: [{ state: "delayed", tried: false }],
  completed: [{ state: "done" }],
  failed: queriesOf("failed"),
  dead_letter: queriesOf("dead_letter"),
  cancelled: queriesOf("cancelled"),
};

/** The state of a job on the wire. */
export function wireStateOf({ state, reason = "canceled", attempt }: JobHead): WireState {
  switch (state) {
    case "ready":
      return "pending";
    case "delayed":
      return attempt > 0 ? "retrying" : "delayed";
    case "reserved":
      return "running";
    case "done":
      return "completed";
    case "canceled":
      return STATE_OF_REASON[reason];
  }
}

/** What to look for to find the jobs in a state on the wire; nothing when none can be in it. */
export function queriesFor(state: WireState): readonly StateQuery[] {
  return QUERIES[state];
}

/** True for a state that nothing but a retry or a reset ends. */
export function isTerminal(state: WireState): boolean {
  return state === "completed" || state === "failed" || state === "dead_letter" || state === "cancelled";
}

function queriesOf(wanted: WireState): readonly StateQuery[] {
  const reasons = Object.entries(STATE_OF_REASON) as [CancelReason, WireState][];
  return reasons.filter(([, state]) => state === wanted).map(([reason]) => ({ state: "canceled", reason }));
}
