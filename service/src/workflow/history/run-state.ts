import type { CancelReason, JobId, JobState, Timestamp } from "@jobq/core";
import type { ModuleContext } from "../../module.ts";
import { CHECKPOINT, isFinished, type StepKind } from "../record/checkpoint.ts";
import { Journal } from "../record/journal.ts";
import { findRun } from "../run/is-run.ts";
import { statusIn, WORKFLOW } from "../run-status.ts";
import { type KeptSignal, keptSignals } from "../signals.ts";
import { parkedIn, type RunParked } from "./run-parked.ts";

/** Something that a run waits for. */
export interface RunWait {
  readonly kind: StepKind;
  readonly name: string;
  readonly since: Timestamp;
  readonly until: Timestamp | undefined;
}

/** The state of a run. */
export interface RunState {
  readonly id: JobId;
  readonly workflow: string;
  /** The state of its job: a run that waits is `delayed`. */
  readonly state: JobState;
  readonly reason: CancelReason | undefined;
  readonly error: string | undefined;
  /** Set while it is parked. */
  readonly parked: RunParked | undefined;
  /** The last value passed to `ctx.setStatus`. */
  readonly status: unknown;
  /** The number of finished steps. */
  readonly finished: number;
  /** Sleeps, pauses between tries, signals and children that it waits for. */
  readonly waitsFor: readonly RunWait[];
  /** Signals that have arrived and that no `ctx.waitFor` has consumed, by name. */
  readonly keptSignals: readonly KeptSignal[];
  readonly createdAt: Timestamp;
  readonly finishedAt: Timestamp | undefined;
  readonly result: unknown;
}

/** Reads it from the job and its notes. */
export async function runState(context: ModuleContext, id: JobId): Promise<RunState | undefined> {
  const job = await findRun(context, id);
  if (!job) return undefined;
  const steps = new Journal(await context.jobs.notes(id, CHECKPOINT), context).steps().map(([, step]) => step);
  const waiting = steps.filter((step) => !isFinished(step) && step.kind !== "parallel");
  return {
    id,
    workflow: job.name,
    state: job.state,
    reason: job.reason,
    error: context.decodeError(job.error),
    parked: job.reason === "rejected" ? await parkedIn(context, id) : undefined,
    status: statusIn(await context.jobs.notes(id, WORKFLOW), context),
    finished: steps.filter(isFinished).length,
    waitsFor: waiting.map(({ kind, name, startedAt, until }) => ({ kind, name, since: startedAt, until })),
    keptSignals: await keptSignals(context, id),
    createdAt: job.createdAt,
    finishedAt: job.finishedAt,
    result: job.result === undefined ? undefined : context.decode(job.result),
  };
}
