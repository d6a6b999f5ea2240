import type { Change, JobHead } from "@jobq/core";

/** Who holds a job for the unit in which it is changed. */
const EDITOR = "edit";

/**
 * What reserves a job that a module keeps its state with, whatever state it is in, so that the next change of the same
 * unit can let go of it with the token after the one it has. Of those who read the same state, only one unit is stored:
 * to the others the token says that it was changed since.
 */
export function heldToEdit(job: JobHead): readonly Change[] {
  return [...madeReady(job), { type: "reserve", id: job.id, by: EDITOR }];
}

function madeReady({ id, state, token, awaits }: JobHead): readonly Change[] {
  if (state === "ready") return [];
  if (state === "reserved") return [{ type: "release", id, token }];
  if (state === "delayed" && awaits !== undefined) return [{ type: "wake", id }];
  const reset = { type: "reset", id } as const;
  return state === "delayed" ? [{ type: "cancel", id, reason: "canceled" }, reset] : [reset];
}
