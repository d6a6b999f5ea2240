import type { JobId, JobState, Timestamp } from "@jobq/core";
import type { AttemptError, ModuleContext } from "../../module.ts";
import { CHECKPOINT, isFinished, type Recorded, type StepKind } from "../record/checkpoint.ts";
import { Journal } from "../record/journal.ts";
import { placeOf } from "../run/branch.ts";
import { findRun } from "../run/is-run.ts";
import { isNearLimit, MAX_RECORDED, MAX_STEPS } from "../run/run-limits.ts";
import { type KeptSignal, keptSignals } from "../signals.ts";

/** One step of a run. */
export interface HistoryStep {
  /** Where in the code, counted from 1; in a parallel branch `3.1.2`: the second step of the first branch of the third. */
  readonly place: string;
  /** Its name and which one of that name it is, from 0: `charge-card:0`. */
  readonly id: string;
  readonly kind: StepKind;
  readonly name: string;
  readonly state: "done" | "failed" | "waiting";
  readonly startedAt: Timestamp;
  /** When it had finished. */
  readonly endedAt: Timestamp | undefined;
  readonly durationMs: number | undefined;
  /** How often it was tried, so far. */
  readonly tries: number;
  /** Until when it sleeps, pauses between two tries, or waits for a signal. */
  readonly until: Timestamp | undefined;
  readonly value?: unknown;
  readonly error?: AttemptError | undefined;
  /** What its record takes, in UTF-16 units as it is stored. */
  readonly size: number;
  readonly children?: HistoryChildren | undefined;
}

/** The children of a step. */
export interface HistoryChildren {
  readonly total: number;
  /** Finds them: `svc.find({ group })`. */
  readonly group: string;
  /** How many of those that are still stored are in each state. */
  readonly states: Readonly<Partial<Record<JobState, number>>>;
}

/** How much of a limit is used. */
export interface UsedLimit {
  readonly used: number;
  readonly most: number;
  /** Four fifths are used: the run should continue as new. */
  readonly isNear: boolean;
}

/** What a run has done. */
export interface RunHistory {
  readonly id: JobId;
  readonly workflow: string;
  /** In the order of the code. */
  readonly steps: readonly HistoryStep[];
  /** Signals that have come and that no step has consumed, by name. */
  readonly keptSignals: readonly KeptSignal[];
  readonly limits: { readonly steps: UsedLimit; readonly recorded: UsedLimit };
}

/** Reads it from the notes of the run. */
export async function runHistory(context: ModuleContext, id: JobId): Promise<RunHistory | undefined> {
  const job = await findRun(context, id);
  if (!job) return undefined;
  const notes = await context.jobs.notes(id, CHECKPOINT);
  const journal = new Journal(notes, context);
  const sizes = new Map(notes.map(({ key, value }) => [key, value.length]));
  const counts = new Map<string, number>();
  const steps: HistoryStep[] = [];
  for (const [key, step] of journal.steps()) {
    const count = counts.get(step.name) ?? 0;
    counts.set(step.name, count + 1);
    const size = sizes.get(key) ?? 0;
    steps.push({ ...historyStep(key, `${step.name}:${count}`, step, size), ...(await childrenOf(context, step)) });
  }
  return { id, workflow: job.name, steps, keptSignals: await keptSignals(context, id), limits: limitsOf(journal) };
}

function historyStep(key: string, id: string, step: Recorded, size: number): HistoryStep {
  const { kind, name, startedAt, at, tries = 1, until, value, error } = step;
  const isOver = isFinished(step);
  const state = !isOver ? "waiting" : error ? "failed" : "done";
  const endedAt = isOver ? at : undefined;
  const durationMs = endedAt === undefined ? undefined : endedAt - startedAt;
  return {
    place: placeOf(key),
    id,
    kind,
    name,
    state,
    startedAt,
    endedAt,
    durationMs,
    tries,
    until,
    value,
    error,
    size,
  };
}

async function childrenOf(
  { jobs }: ModuleContext,
  { kind, group, children: total = 0 }: Recorded,
): Promise<Pick<HistoryStep, "children">> {
  if (group === undefined || kind === "parallel") return {};
  const states: Partial<Record<JobState, number>> = {};
  for (const { state, count } of await jobs.tally(group)) states[state] = (states[state] ?? 0) + count;
  return { children: { total, group, states } };
}

function limitsOf({ size, bytes }: Journal): RunHistory["limits"] {
  return {
    steps: { used: size, most: MAX_STEPS, isNear: isNearLimit(size, MAX_STEPS) },
    recorded: { used: bytes, most: MAX_RECORDED, isNear: isNearLimit(bytes, MAX_RECORDED) },
  };
}
