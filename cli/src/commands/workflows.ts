import { JOB_STATES, type JobId, JobqError, type JobState, wrongType } from "@jobq/core";
import type { RunHead, RunState } from "@jobq/service/workflow";
import type { Command } from "commander";
import { advising, listedBy } from "../failure.ts";
import { payloadOf } from "../input/payload.ts";
import { wholeNumber } from "../input/whole-number.ts";
import { ago, rfc3339, span } from "../output/ages.ts";
import { firstLine } from "../output/first-line.ts";
import { stateCell } from "../output/job-view.ts";
import type { Printer } from "../output/printer.ts";
import type { Cell } from "../output/table.ts";
import { pagesOf } from "../queue/pages-of.ts";
import type { QueuedStep } from "../queue/queue.ts";
import { type Bind, listing, type Session, subcommand, withQueue } from "../session.ts";

interface ListOptions {
  readonly name?: string;
  readonly state?: string;
  readonly live?: true;
  readonly limit?: string;
}

/** The most that one question to a server returns. */
const PAGE = 1000;

/** Adds `jobq workflows`. */
export function addWorkflows(program: Command, bind: Bind): void {
  const summary = "List runs of workflows, or look at one, signal it, cancel it";
  const workflows = listing(program, "workflows", summary, bind(list))
    .option("--name <workflow>", "only of this workflow")
    .option("--state <state>", `only in this state: ${JOB_STATES.join(", ")}`)
    .option("--live", "only those that have not ended")
    .option("-n, --limit <number>", "at most so many; 50");
  subcommand(workflows, "get", "Show a run: how it stands, and its steps")
    .argument("<id>", "the run")
    .action(bind(get));
  subcommand(workflows, "signal", "Send a value to a run that waits for it, or will")
    .argument("<id>", "the run")
    .argument("<name>", "the signal")
    .option("-p, --payload <json>", "the value: JSON, @FILE or - for standard input; none by default")
    .action(bind(signal));
  subcommand(workflows, "cancel", "Have a run undo what it said how to undo, and end; `jobq cancel` ends it at once")
    .argument("<id>", "the run")
    .option("--reason <text>", "kept with the run")
    .action(bind(cancel));
}

async function list(session: Session, _: readonly string[], options: ListOptions): Promise<void> {
  const { printer } = session;
  const state = options.state === undefined ? undefined : stateOf(options.state);
  const filter = { name: options.name, state, live: options.live };
  const limit = options.limit === undefined ? 50 : wholeNumber(options.limit, "--limit", 1);
  const runs = await withQueue(session, ({ workflows }) =>
    pagesOf(limit, PAGE, (before, most) => workflows.list({ ...filter, before, limit: most })),
  );
  if (printer.json) return printer.value(runs.map(runValue));
  if (runs.length === 0) return printer.note("no runs");
  const now = Date.now();
  await printer.table(
    ["id", "workflow", "state", "age", "took", "error"],
    runs.map((run): Cell[] => {
      const { id, workflow, createdAt, finishedAt, error } = run;
      const took = finishedAt === undefined ? "" : span(finishedAt - createdAt);
      return [id, workflow, stateCell(run), ago(createdAt, now), took, error && firstLine(error)];
    }),
  );
  if (runs.length === limit) await printer.note(`the newest ${limit}; --limit shows more`);
}

async function get(session: Session, [id = ""]: readonly string[]): Promise<void> {
  const { printer } = session;
  const { run, steps } = await withQueue(session, async ({ workflows }) => {
    const run = await workflows.get(id);
    return { run, steps: (await workflows.history(id))?.steps ?? [] };
  });
  if (!run)
    throw new JobqError("JOB_NOT_FOUND", `there is no run ${id}`, {
      details: { id, advice: listedBy("workflows", id) },
    });
  if (printer.json) return printer.value({ ...runValue(run), steps: steps.map(stepValue) });
  await showRun(printer, run);
  if (steps.length > 0) await printer.table(["place", "step", "kind", "state", "took", "tries", "note"], rowsOf(steps));
}

async function showRun(printer: Printer, run: RunState): Promise<void> {
  const now = Date.now();
  const { id, workflow, createdAt, finishedAt, error, parked, status, result, waitsFor, keptSignals } = run;
  const waits = waitsFor.map(({ kind, name, until }) => `${kind} ${name}${until ? ` until ${rfc3339(until)}` : ""}`);
  const kept = keptSignals.map(({ name, count, since }) => `${count} ${name} (since ${ago(since, now)})`);
  await printer.fields([
    ["id", id],
    ["workflow", workflow],
    ["state", stateCell(run)],
    ["created", `${rfc3339(createdAt)} (${ago(createdAt, now)})`],
    ["ended", finishedAt === undefined ? undefined : `${rfc3339(finishedAt)} (${ago(finishedAt, now)})`],
    ["waits for", waits.length === 0 ? undefined : waits.join(", ")],
    ["kept signals", kept.length === 0 ? undefined : kept.join(", ")],
    ["status", status === undefined ? undefined : JSON.stringify(status)],
    ["parked", parked && firstLine(parked.message)],
    ["error", error && firstLine(error)],
    ["result", result === undefined ? undefined : JSON.stringify(result)],
  ]);
}

const TONES = { done: "green", failed: "red", waiting: "yellow" } as const;

function rowsOf(steps: readonly QueuedStep[]): Cell[][] {
  return steps.map(({ place, name, kind, state, startedAt, endedAt, tries, error, children }) => {
    const took = endedAt === undefined ? "" : span(endedAt - startedAt);
    const ended = children && (children.states.done ?? 0) + (children.states.canceled ?? 0);
    const note = error ? firstLine(error.message) : children && `${ended} of ${children.total} children`;
    return [place, name, kind, { text: state, style: TONES[state] }, took, tries, note];
  });
}

async function signal(
  session: Session,
  [id = "", name = ""]: readonly string[],
  { payload }: { readonly payload?: string },
): Promise<void> {
  const value = await payloadOf(payload, session.io);
  await advising(
    listedBy("workflows", id),
    withQueue(session, ({ workflows }) => workflows.signal(id, name, value)),
  );
  await told(session, id, { signal: name }, `${name} was sent to run ${id}`);
}

async function cancel(
  session: Session,
  [id = ""]: readonly string[],
  { reason }: { readonly reason?: string },
): Promise<void> {
  await advising(
    listedBy("workflows", id),
    withQueue(session, ({ workflows }) => workflows.cancel(id, reason)),
  );
  await told(session, id, { asked: "cancel" }, `run ${id} is asked to undo what it did, and to end`);
}

function told({ printer }: Session, id: JobId, value: object, text: string): Promise<void> {
  return printer.json ? printer.value({ id, ...value }) : printer.line(text);
}

function stateOf(name: string): JobState {
  const state = JOB_STATES.find((one) => one === name);
  if (state) return state;
  throw wrongType("--state", `one of ${JOB_STATES.join(", ")}`, name);
}

function runValue(run: RunHead): object {
  return { ...run, createdAt: rfc3339(run.createdAt), finishedAt: rfc3339(run.finishedAt) };
}

function stepValue(step: QueuedStep): object {
  const { startedAt, endedAt, until } = step;
  return { ...step, startedAt: rfc3339(startedAt), endedAt: rfc3339(endedAt), until: rfc3339(until) };
}
