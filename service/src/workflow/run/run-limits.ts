import { JobqError, type Timestamp } from "@jobq/core";
import type { ModuleContext, ModuleEvent } from "../../module.ts";
import type { JobContext } from "../../worker/index.ts";
import type { Journal } from "../record/journal.ts";

/** The most steps that a run may record. */
export const MAX_STEPS = 10_000;
/** The most that they may hold together, in UTF-16 units. */
export const MAX_RECORDED = 64 * 2 ** 20;
const WARN_AT = 0.8;

/** True when four fifths of a limit are used. */
export function isNearLimit(used: number, most: number): boolean {
  return used > WARN_AT * most;
}

/** An event, at most once per turn, of a run that has recorded four fifths of what a run may record. */
export interface WorkflowLimitEvent extends ModuleEvent {
  readonly type: "workflow:limit";
  readonly id: string;
  readonly workflow: string;
  readonly steps: number;
  /** UTF-16 units. */
  readonly recorded: number;
}

/** How much a run may record: what is replayed at every turn must stay small. */
export class RunLimits {
  readonly #context: ModuleContext;
  readonly #job: JobContext;
  readonly #journal: Journal;
  #hasWarned = false;

  constructor(context: ModuleContext, job: JobContext, journal: Journal) {
    this.#context = context;
    this.#job = job;
    this.#journal = journal;
  }

  /** The error by which a run fails that has recorded too much. */
  check(): JobqError | undefined {
    const { size, bytes } = this.#journal;
    if (!isNearLimit(size, MAX_STEPS) && !isNearLimit(bytes, MAX_RECORDED)) return undefined;
    const { id, name: workflow } = this.#job;
    if (!this.#hasWarned) {
      this.#hasWarned = true;
      const at: Timestamp = this.#context.clock.now();
      const event: WorkflowLimitEvent = { type: "workflow:limit", at, id, workflow, steps: size, recorded: bytes };
      this.#context.emit(event);
    }
    if (size <= MAX_STEPS && bytes <= MAX_RECORDED) return undefined;
    const details = { id, workflow, steps: size, recorded: bytes };
    const message = `run ${id} of ${workflow} has recorded ${size} steps, ${bytes} characters: let it continue as new`;
    return new JobqError("WORKFLOW_LIMIT", message, { details });
  }
}
