import type { JobId } from "@jobq/core";
import type { AttemptError, ModuleContext } from "../../module.ts";

/** Why a run is parked. Once its code is fixed, a reset continues it. */
export type RunParked = RunDrift | RunMisuse | RunExcess;

/** Its code does not match its record. */
export interface RunDrift {
  readonly code: "WORKFLOW_DRIFT";
  readonly message: string;
  /** The step, counted from 1. */
  readonly place: string;
  readonly recorded: string;
  /** The step that the code reached; undefined if the code ended before. */
  readonly reached?: string | undefined;
}

/** Its code is strict and used a non-deterministic function. */
export interface RunMisuse {
  readonly code: "WORKFLOW_NONDETERMINISTIC";
  readonly message: string;
  /** The last step that the code had reached, counted from 1; undefined before the first. */
  readonly place?: string | undefined;
  /** The function, as code calls it: `Date.now()`. */
  readonly used: string;
  /** What to call instead: `ctx.now()`. */
  readonly instead: string;
}

/** It has recorded more than a run may; `workflows.history` shows how much. */
export interface RunExcess {
  readonly code: "WORKFLOW_LIMIT";
  readonly message: string;
}

/** As much of an error as tells. */
interface Failure {
  readonly message: string;
  readonly code?: unknown;
  readonly details?: object;
}

/** What parks a run that fails with that error; undefined for any other failure. */
export function parkedBy({ code, message, details = {} }: Failure): RunParked | undefined {
  switch (code) {
    case "WORKFLOW_DRIFT": {
      const { place, recorded, reached } = details as RunDrift;
      return { code, message, place, recorded, reached };
    }
    case "WORKFLOW_NONDETERMINISTIC": {
      const { place, used, instead } = details as RunMisuse;
      return { code, message, place, used, instead };
    }
    case "WORKFLOW_LIMIT":
      return { code, message };
    default:
      return undefined;
  }
}

/** Why the latest attempt at the run parked it, if it did. */
export async function parkedIn({ jobs, decode }: ModuleContext, id: JobId): Promise<RunParked | undefined> {
  const note = (await jobs.notes(id, "attempt")).at(-1);
  const { error } = (note ? decode(note.value) : {}) as { readonly error?: AttemptError };
  return error && parkedBy({ ...error.data, message: error.message });
}
