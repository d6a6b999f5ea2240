import type { Timestamp } from "@jobq/core";
import { retryDelayMs } from "../../module.ts";
import { NoRetry, RetryAfter } from "../../retry/index.ts";
import { isFinished, type Recorded } from "../record/checkpoint.ts";
import { recordedError } from "../record/restored-error.ts";
import type { Place } from "../run/code-places.ts";
import type { FinishOptions, Outcome } from "../run/step-records.ts";
import type { WorkflowRun } from "../run/workflow-run.ts";
import { OneTry } from "./one-try.ts";
import type { TryPolicy } from "./step-options.ts";

/** How a step is done. */
export interface Work {
  readonly policy: TryPolicy;
  /** Does it once. */
  readonly attempt: (one: OneTry) => unknown;
  /** Says for a failure when to try again, in milliseconds, where the policy does not. */
  readonly delayMs?: ((error: unknown, one: OneTry) => number | undefined) | undefined;
  /** What a failure becomes once no try is left: final, or for the next attempt at the run to undo. */
  readonly keepsFailure: boolean;
}

/** A result that has been recorded by the try itself. */
export class Finished {
  readonly told: Promise<unknown>;

  constructor(told: Promise<unknown>) {
    this.told = told;
  }
}

/** How much longer than asked a try is put off at most, as a share. */
const SPREAD = 0.1;

/** The outcome of a step: the recorded one, or that of trying it until it is done or no tries are left. */
export function perform(run: WorkflowRun, place: Place, work: Work): Promise<unknown> {
  const { recorded } = place;
  if (recorded && isFinished(recorded) && !isUndone(run, recorded)) return run.records.replay(place);
  return run.live(() => tryUntilDone(run, place, work));
}

/** True for a failure that a reset of the run has since made void. */
export function isUndone({ head }: WorkflowRun, { error, reset = 0 }: Recorded): boolean {
  return error !== undefined && reset < head.resetCount;
}

async function tryUntilDone(run: WorkflowRun, place: Place, work: Work): Promise<unknown> {
  const { recorded } = place;
  const goesOn = recorded && !isFinished(recorded) && (recorded.reset ?? 0) === run.head.resetCount;
  let { tries = 0, until } = goesOn ? recorded : { tries: 0, until: undefined };
  for (;;) {
    if (until !== undefined) await pause(run, until);
    const one = new OneTry(run, tries + 1);
    const outcome = await tryOnce(one, work);
    if ("value" in outcome && outcome.value instanceof Finished) return outcome.value.told;
    tries++;
    const delay = "error" in outcome ? delayAfter(run, outcome.error, one, work) : undefined;
    if (delay === undefined || !("error" in outcome)) return finish(run, place, outcome, tries, work);
    const now = await run.writer.now();
    until = now + delay;
    const note = run.records.note(place, { tries, until, error: recordedError(outcome.error) });
    await run.commit({ note: [note] });
  }
}

async function tryOnce(one: OneTry, { attempt }: Work): Promise<Outcome> {
  try {
    return { value: await attempt(one) };
  } catch (error) {
    return { error };
  }
}

/** How long to wait for the next try, undefined when there is none. */
function delayAfter(run: WorkflowRun, error: unknown, one: OneTry, { policy, delayMs }: Work): number | undefined {
  if (error instanceof NoRetry || one.attempt > policy.retries || run.isOver) return undefined;
  const { random } = run.context;
  if (error instanceof RetryAfter) return Math.ceil(error.delayMs * (1 + SPREAD * random()));
  return delayMs?.(error, one) ?? retryDelayMs(policy.backoff, one.attempt, random);
}

function finish(
  run: WorkflowRun,
  place: Place,
  outcome: Outcome,
  tries: number,
  { keepsFailure }: Work,
): Promise<unknown> {
  const isFinal = !("error" in outcome) || keepsFailure || outcome.error instanceof NoRetry;
  const more: FinishOptions = { isFinal, tries: tries === 1 ? undefined : tries };
  return run.records.finish(place, outcome, more);
}

/** Until the instant; the run is suspended meanwhile if it does nothing else. */
async function pause(run: WorkflowRun, until: Timestamp): Promise<void> {
  while ((await run.writer.now()) < until) await run.wait({ until });
}
