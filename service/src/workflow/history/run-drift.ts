import type { JobId } from "@jobq/core";
import type { AttemptError, ModuleContext } from "../../module.ts";

/** Why a run is parked. */
export interface RunDrift {
  readonly message: string;
  /** The step, counted from 1. */
  readonly place: string;
  readonly recorded: string;
  /** Undefined where the code ended without it. */
  readonly reached: string | undefined;
}

/** What the latest attempt at the run failed by, if that was a drift. */
export async function driftIn({ jobs, decode }: ModuleContext, id: JobId): Promise<RunDrift | undefined> {
  const note = (await jobs.notes(id, "attempt")).at(-1);
  const { error } = (note ? decode(note.value) : {}) as { readonly error?: AttemptError };
  if (error?.data?.code !== "WORKFLOW_DRIFT") return undefined;
  const { place, recorded, reached } = error.data.details as Omit<RunDrift, "message">;
  return { message: error.message, place, recorded, reached };
}
