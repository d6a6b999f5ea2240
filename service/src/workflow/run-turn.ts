import { JobqError, type Note } from "@jobq/core";
import type { ModuleContext } from "../module.ts";
import { NoRetry } from "../retry/index.ts";
import { type JobContext, SUSPENDED } from "../worker/index.ts";
import { parkedBy } from "./history/run-parked.ts";
import { CHECKPOINT } from "./record/checkpoint.ts";
import { INPUT, Journal, ROLLBACK, type RunInput } from "./record/journal.ts";
import { isRecordedFailure } from "./record/restored-error.ts";
import { cancelIn } from "./rollback/request-cancel.ts";
import { failureOf, isLast, type RollbackRecord, rollBack } from "./rollback/roll-back.ts";
import { RunWriter } from "./run/run-writer.ts";
import { ServiceRuns } from "./run/service-runs.ts";
import type { TurnEnd } from "./run/turn-end.ts";
import { WorkflowRun } from "./run/workflow-run.ts";
import { RunContext } from "./run-context.ts";
import type { WorkflowContext } from "./workflow-context.ts";
import { DEFAULT_SETTINGS, type WorkflowSettings } from "./workflow-settings.ts";

/** The code of a workflow. */
export type WorkflowCode<Payload, Result> = (ctx: WorkflowContext, payload: Payload) => Result | Promise<Result>;

/**
 * One turn of a run, as the handler of its job: resolves with the result of the code, or with `SUSPENDED` when
 * the job has been let go of.
 */
export async function runTurn<Payload, Result>(
  code: WorkflowCode<Payload, Result>,
  own: Partial<WorkflowSettings>,
  payload: Payload,
  job: JobContext,
): Promise<Result> {
  const runs = ServiceRuns.of(job.service);
  const { context } = runs;
  const settings = { ...DEFAULT_SETTINGS, ...runs.settings, ...own };
  const { id, token } = job.job;
  // Nothing can have been recorded before a job is first reserved.
  const notes = token === 1 ? [] : await context.jobs.notes(id, CHECKPOINT);
  const writer = new RunWriter(context, id, token);
  const journal = await currentJournal(new Journal(notes, context), notes, context, job, writer);
  const { era = 0, payload: input = payload } = (journal.other(INPUT) ?? {}) as Partial<RunInput>;
  const run = new WorkflowRun({ context, job, settings, journal, writer, era, watch: runs.watch(settings) });
  const ctx = new RunContext(run, run.places.root);
  runs.add(run);
  try {
    const end = await turn(run, async () => run.scope.enter(() => code(ctx, input as Payload)));
    return (end.type === "done" ? end.result : SUSPENDED) as Result;
  } catch (error) {
    throw isHopeless(error) ? new NoRetry(error) : error;
  } finally {
    runs.delete(run);
  }
}

/** What is recorded, without what has been undone: a run that is reset after it was rolled back begins anew. */
async function currentJournal(
  journal: Journal,
  notes: readonly Note[],
  context: ModuleContext,
  job: JobContext,
  writer: RunWriter,
): Promise<Journal> {
  const undone = journal.other(ROLLBACK) as RollbackRecord | undefined;
  if (!undone || undone.reset === job.head.resetCount) return journal;
  await writer.commit({ forget: notes.filter(({ key }) => key !== INPUT) });
  return new Journal(
    notes.filter(({ key }) => key === INPUT),
    context,
  );
}

/** Goes on with the code, or with undoing what it did, if that is asked for or has begun. */
async function turn(run: WorkflowRun, code: () => Promise<unknown>): Promise<TurnEnd> {
  const begun = run.journal.other(ROLLBACK) as RollbackRecord | undefined;
  const asked = cancelIn(run.journal, run.head);
  const why = begun ? failureOf(begun) : asked === undefined ? undefined : new NoRetry(asked);
  if (!why) {
    return run.run(code, async (error) => (isLast(run, error, isHopeless(error)) ? rollBack(run, error) : error));
  }
  try {
    return await run.replayFrozen(code, () => rollBack(run, why));
  } catch (error) {
    if (error !== why || asked === undefined) throw error;
    const { id, token } = run.job.job;
    const text = run.context.encodeError(asked);
    await run.writer.commit({ change: { type: "cancel", id, token, reason: "canceled", error: text } });
    return { type: "rests" };
  }
}

/** True when the next attempt would fail in the same way. */
function isHopeless(error: unknown): boolean {
  if (error instanceof NoRetry) return false;
  if (isRecordedFailure(error)) return true;
  return error instanceof JobqError && parkedBy(error) !== undefined;
}
