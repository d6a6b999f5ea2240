import { JobqError } from "@jobq/core";
import type { Checkpoint, StepKind } from "./checkpoint.ts";

/** A step as messages name it. */
export interface StepName {
  readonly kind: StepKind;
  readonly name: string;
}

/** What a run was recorded to do and what its code does instead. */
export interface Drift {
  readonly id: string;
  readonly workflow: string;
  /** Where in the code: the number of the step, from 1, with those of its branches before it. */
  readonly place: string;
  readonly recorded: StepName;
  /** Absent where the code ended before. */
  readonly reached: StepName | undefined;
}

/** The error that parks a run. */
export function driftError({ id, workflow, place, recorded, reached }: Drift): JobqError {
  const came = reached ? `the code reached ${describe(reached)}` : "the code ended without it";
  const message =
    `run ${id} of ${workflow} does not match its record: step ${place} was recorded as ${describe(recorded)}, ` +
    `but ${came}. Deploy code that does what was recorded, or branch by ctx.version, then reset the run`;
  const details = { id, workflow, place, recorded: describe(recorded), reached: reached && describe(reached) };
  return new JobqError("WORKFLOW_DRIFT", message, { details });
}

/** True when the record is of this very step. */
export function isOf({ kind, name }: Checkpoint, step: StepName): boolean {
  return kind === step.kind && name === step.name;
}

function describe({ kind, name }: StepName): string {
  return kind === "sleep" || kind === "parallel" ? kind : `${kind} "${name}"`;
}
