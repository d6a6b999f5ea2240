import type { JobState } from "@jobq/core";

/** A bundle as the API has it. */
export interface BundleForm {
  readonly id: string;
  readonly name: string;
  readonly sealed: boolean;
  readonly state: JobState;
  readonly created_at: string;
  readonly finished_at?: string;
  readonly parent?: string;
  readonly total: number;
  readonly done: number;
  readonly canceled: number;
  readonly live: number;
  readonly progress: number;
}

/** How a bundle stands, in a word. */
export function bundleState({ sealed, state }: BundleForm): string {
  if (state === "canceled") return "Cancelled";
  if (state !== "delayed") return "Ended";
  return sealed ? "Running" : "Open";
}

/** The state of jobs whose colour says the same. */
export function bundleTone({ state, canceled }: BundleForm): string {
  if (state === "canceled") return "cancelled";
  if (state === "delayed") return "running";
  return canceled > 0 ? "retrying" : "completed";
}
