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
  /** Its place in the code, counted from 1. In a parallel branch such as `3.1.2`: step 2 of branch 1 of step 3. */
  readonly place: string;
  /** Its name and its number among steps of that name, from 0: `charge-card:0`. */
  readonly id: string;
  readonly kind: StepKind;
  readonly name: string;
  readonly state: "done" | "failed" | "waiting";
  readonly startedAt: Timestamp;
  /** When it finished. */
  readonly endedAt: Timestamp | undefined;
  readonly durationMs: number | undefined;
  /** The number of tries so far. */
  readonly tries: number;
  /** When its sleep, its pause between two tries, or its wait for a signal ends. */
  readonly until: Timestamp | undefined;
  readonly value?: unknown;
  readonly error?: AttemptError | undefined;
  /** The size of its record as stored, in UTF-16 units. */
  readonly size: number;
  readonly children?: HistoryChildren | undefined;
}

/** The children of a step. */
export interface HistoryChildren {
  readonly total: number;
  /** Their group, for `svc.find({ group })`. */
  readonly group: string;
  /** The number of children in each state, of those that are still stored. */
  readonly states: Readonly<Partial<Record<JobState, number>>>;
}

/** How much of a limit is used. */
export interface UsedLimit {
  readonly used: number;
  readonly most: number;
  /** True once 80 % are used: the run should continue as new. */
  readonly isNear: boolean;
}

/** The history of a run. */
export interface RunHistory {
  readonly id: JobId;
  readonly workflow: string;
  /** In the order of the code. */
  readonly steps: readonly HistoryStep[];
  /** Signals that have arrived and that no step has consumed, by name. */
  readonly keptSignals: readonly KeptSignal[];
  /** How many steps it has recorded, and how many UTF-16 units their records take. */
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
