import { JobqError } from "@jobq/core";
import type { AttemptError } from "../../module.ts";
import { NoRetry } from "../../retry/index.ts";
import { CHECKPOINT } from "../record/checkpoint.ts";
import { ROLLBACK } from "../record/journal.ts";
import { recordedError, restoredError } from "../record/restored-error.ts";
import { Branch, ROLLBACK_PATH } from "../run/branch.ts";
import type { WorkflowRun } from "../run/workflow-run.ts";
import type { TryPolicy } from "../steps/step-options.ts";
import { perform } from "../steps/tries.ts";

/** What undoes something that a run has done. */
export interface Rollback {
  readonly name: string;
  readonly policy: TryPolicy;
  readonly undo: () => unknown;
}

/** Why a run is rolled back. */
export interface RollbackRecord {
  readonly error: AttemptError;
  /** How often the run had been reset by then: one that is reset afterwards begins anew. */
  readonly reset: number;
}

/** What a run that fails for good fails with, once all that is to be undone has been; a failure to undo is reported. */
export async function rollBack(run: WorkflowRun, why: unknown): Promise<unknown> {
  if (run.rollbacks.length === 0) return why;
  await run.beginRollback();
  if (!run.journal.other(ROLLBACK)) {
    const record: RollbackRecord = { error: recordedError(why), reset: run.head.resetCount };
    const value = run.context.encode(record, "result");
    const at = run.context.clock.now();
    run.writer.dropLater();
    await run.live(() => run.commit({ note: [{ id: run.job.id, kind: CHECKPOINT, key: ROLLBACK, value, at }] }));
  }
  const branch = new Branch(ROLLBACK_PATH, run.context.clock.now());
  for (const { name, policy, undo } of [...run.rollbacks].reverse()) {
    const place = run.enter(branch, "rollback", name);
    if (!place) return why;
    const work = { policy, keepsFailure: true, attempt: () => run.call(place.step, undo) };
    await perform(run, place, work).catch((error) => run.context.report(error, `rolling back run ${run.job.id}`));
  }
  return why;
}

/** The error by which a run that is rolled back in this turn had failed. */
export function failureOf({ error }: RollbackRecord): NoRetry {
  return new NoRetry(restoredError(error, true));
}

/** True when no attempt follows this failure, so that what was done is to be undone now. */
export function isLast(run: WorkflowRun, error: unknown, isHopeless: boolean): boolean {
  if (error instanceof JobqError && (error.code === "WORKFLOW_DRIFT" || error.code === "LEASE_LOST")) return false;
  return isHopeless || error instanceof NoRetry || run.job.attempt > run.head.maxRetries;
}
