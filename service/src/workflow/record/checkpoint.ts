import { JobqError, type Note, type Timestamp } from "@jobq/core";
import type { AttemptError, ModuleContext } from "../../module.ts";

/** The kind of note that keeps what a run has come to. */
export const CHECKPOINT = "checkpoint";

/** What a run can do that is recorded. */
export type StepKind =
  | "step"
  | "call"
  | "transaction"
  | "sleep"
  | "signal"
  | "fan-out"
  | "child"
  | "parallel"
  | "rollback";

/** What is recorded of one step. */
export interface Checkpoint {
  readonly kind: StepKind;
  /** The name of the step, of the job, of the signal; of a sleep, `sleep`. */
  readonly name: string;
  readonly startedAt: Timestamp;
  /** Which one it is of the run's finished steps, from 1; absent while it is not finished. */
  readonly order?: number | undefined;
  /** What it came to, where it did not fail. */
  readonly value?: unknown;
  /** How it failed, or how its latest try did. */
  readonly error?: AttemptError | undefined;
  /** Tries that have ended; absent for one. */
  readonly tries?: number | undefined;
  /** What it waits for: the end of a sleep, of a pause between tries, of the wait for a signal. */
  readonly until?: Timestamp | undefined;
  /** How often the run had been reset by then; absent for never. A later reset has failures tried again. */
  readonly reset?: number | undefined;
  /** The group of its children. */
  readonly group?: string | undefined;
  /** How many children it has. */
  readonly children?: number | undefined;
  /** How many of them are stored. */
  readonly stored?: number | undefined;
  /** In how many notes of their own the results of its children are kept. */
  readonly pages?: number | undefined;
}

/** A checkpoint as it was found. */
export interface Recorded extends Checkpoint {
  /** When it was written. */
  readonly at: Timestamp;
}

/**
 * The note of a checkpoint; it and all it holds are encoded by the codec of the service.
 * @throws {JobqError} PAYLOAD_INVALID what the step came to cannot be encoded; the message names the step
 */
export function checkpointNote(
  { encode }: Pick<ModuleContext, "encode">,
  id: string,
  key: string,
  checkpoint: Checkpoint,
  at: Timestamp,
): Note {
  const { kind, name, value } = checkpoint;
  try {
    // As a part of something JSON would leave it out in silence.
    if (typeof value === "function" || typeof value === "symbol") encode(value, "result");
    return { id, kind: CHECKPOINT, key, value: encode(checkpoint, "result"), at };
  } catch (error) {
    if (!(error instanceof JobqError) || error.code !== "PAYLOAD_INVALID") throw error;
    throw new JobqError("PAYLOAD_INVALID", `${kind} "${name}": ${error.message}`, { cause: error.cause });
  }
}

/** True for one whose outcome is there, so that it never runs again: the end of a sleep is one, too. */
export function isFinished({ order }: Checkpoint): boolean {
  return order !== undefined;
}
