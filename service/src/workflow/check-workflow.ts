import { checkOptions, type Job, JobqError, ManualClock, type Note, type OptionNames } from "@jobq/core";
import type { ModuleContext } from "../module.ts";
import type { JobContext, JobDefinition } from "../worker/index.ts";
import type { WorkflowDefinition } from "./define-workflow.ts";
import { parkedBy, type RunParked } from "./history/run-parked.ts";
import { CHECKPOINT } from "./record/checkpoint.ts";
import { INPUT, Journal, type RunInput } from "./record/journal.ts";
import { placeOf } from "./run/branch.ts";
import { RunWriter } from "./run/run-writer.ts";
import { WorkflowRun } from "./run/workflow-run.ts";
import { RunContext } from "./run-context.ts";
import type { CodeScope } from "./strict/code-scope.ts";
import { StrictWatch, type WatchHost } from "./strict/strict-watch.ts";
import { DEFAULT_SETTINGS, type Determinism, settingsOf, type WorkflowSettings } from "./workflow-settings.ts";

/** The options of `checkWorkflow`. */
export interface CheckWorkflowOptions {
  /** The definitions that the code calls by name. */
  readonly jobs?: readonly JobDefinition<never, unknown>[] | undefined;
  /** Decodes stored values, if the service has its own codec; `JSON.parse`. */
  readonly decode?: ((text: string) => unknown) | undefined;
  /** The `determinism` of the service, for a workflow that does not set it; `explicit`. */
  readonly determinism?: Determinism | undefined;
}

/** What new code would do with a stored run. */
export interface CheckedRun {
  readonly id: string;
  /** Why it would be parked: where the code differs from the record, or what strict code used between its steps. */
  readonly parked: RunParked | undefined;
  /** Finished steps that the code no longer reaches, as far as it is replayed; they park a `strict` run. */
  readonly unreached: readonly string[];
}

const OPTIONS: OptionNames<CheckWorkflowOptions> = { jobs: true, decode: true, determinism: true };

/** What is the same for all runs that are checked. */
interface Checking extends CheckWorkflowOptions {
  readonly workflow: WorkflowDefinition;
  readonly settings: WorkflowSettings;
  /** Watches the code, where that is strict. */
  readonly watch: StrictWatch | undefined;
}

/**
 * Replays exported runs of a workflow against its code, for tests in CI. It executes no step and writes nothing.
 * @param lines an export by `exportJobs`; jobs with other names are ignored
 * @throws {TypeError | RangeError} an invalid option
 * @throws {Error} the workflow is strict, and this runtime has no `AsyncLocalStorage`
 */
export async function checkWorkflow<Payload, Result>(
  workflow: WorkflowDefinition<Payload, Result>,
  lines: AsyncIterable<string> | Iterable<string>,
  options: CheckWorkflowOptions = {},
): Promise<CheckedRun[]> {
  checkOptions(options, OPTIONS);
  const settings = { ...DEFAULT_SETTINGS, ...settingsOf(options), ...workflow.settings };
  const stops: (() => void)[] = [];
  const host: WatchHost = { report: rejected, onClose: (stop) => stops.push(stop) };
  const watch = settings.determinism === "strict" ? StrictWatch.begin(host) : undefined;
  const checking: Checking = { ...options, workflow: workflow as WorkflowDefinition, settings, watch };
  const checked: CheckedRun[] = [];
  try {
    for await (const line of lines) {
      const { job, notes = [] } = JSON.parse(line) as { readonly job?: Job; readonly notes?: readonly Note[] };
      if (job?.name === workflow.name) checked.push(await checkRun(checking, job, notes));
    }
  } finally {
    for (const stop of stops) stop();
  }
  return checked;
}

async function checkRun(
  { workflow, settings, watch, jobs = [], decode = fromJson }: Checking,
  job: Job,
  notes: readonly Note[],
): Promise<CheckedRun> {
  const context = detachedContext(job, decode);
  const journal = new Journal(
    notes.filter(({ kind }) => kind === CHECKPOINT),
    context,
  );
  const input = journal.other(INPUT) as RunInput | undefined;
  const uses: unknown[] = [];
  const run = new WorkflowRun({
    ...{ context, journal, settings },
    job: detachedJob(job, jobs as readonly JobDefinition[]),
    writer: new RunWriter(context, job.id, job.token),
    era: input?.era ?? 0,
    watch: watch && { over: (one) => scopeOf(watch, one, uses) },
  });
  const payload = input ? input.payload : workflow.parse(decode(job.payload));
  const end = await run
    .replayFrozen(
      async () => run.scope.enter(() => workflow.code(new RunContext(run, run.places.root), payload)),
      async () => undefined,
    )
    .catch((error: unknown) => error);
  const unreached = journal.unreached(run.places.reached).map(([key, { name }]) => `${placeOf(key)} ${name}`);
  const error = [...uses, end].find((one) => one instanceof JobqError);
  return { id: job.id, parked: error && parkedBy(error), unreached };
}

function rejected(error: unknown): never {
  throw error;
}

/** The scope of a replay that does nothing: what its code uses is kept, and it goes on. */
function scopeOf(watch: StrictWatch, run: WorkflowRun, uses: unknown[]): CodeScope {
  return watch.over({
    job: run.job,
    get place() {
      return run.place;
    },
    get isStopped() {
      return run.isOver;
    },
    fail: (error) => uses.push(error),
  });
}

/** As much of a context as a replay takes that does nothing. */
function detachedContext({ createdAt, finishedAt = createdAt }: Job, decode: (text: string) => unknown): ModuleContext {
  const clock = new ManualClock(finishedAt);
  const encode = (value: unknown): string => JSON.stringify(value);
  return { clock, encode, decode, report: () => {}, emit: () => {}, random: () => 0.5 } as unknown as ModuleContext;
}

function detachedJob(job: Job, jobs: readonly JobDefinition[]): JobContext {
  const { id, name, attempt, token } = job;
  const { signal } = new AbortController();
  const definitions = new Map(jobs.map((one) => [one.name, one]));
  return { id, name, attempt, head: job, job: { id, token }, signal, definitions } as unknown as JobContext;
}

/** As the service decodes by itself: undefined is the empty string. */
function fromJson(text: string): unknown {
  return text === "" ? undefined : JSON.parse(text);
}
