import { checkOptions, type Job, JobqError, ManualClock, type Note, type OptionNames } from "@jobq/core";
import type { ModuleContext } from "../module.ts";
import type { JobContext, JobDefinition } from "../worker/index.ts";
import type { WorkflowDefinition } from "./define-workflow.ts";
import type { RunDrift } from "./history/run-drift.ts";
import { CHECKPOINT } from "./record/checkpoint.ts";
import { INPUT, Journal, type RunInput } from "./record/journal.ts";
import { placeOf } from "./run/branch.ts";
import { RunWriter } from "./run/run-writer.ts";
import { WorkflowRun } from "./run/workflow-run.ts";
import { RunContext } from "./run-context.ts";
import { DEFAULT_SETTINGS } from "./workflow-settings.ts";

/** How runs are checked. */
export interface CheckWorkflowOptions {
  /** The jobs that the code calls by their names. */
  readonly jobs?: readonly JobDefinition<never, unknown>[] | undefined;
  /** Decodes what is kept, where the service has a codec of its own; `JSON.parse`. */
  readonly decode?: ((text: string) => unknown) | undefined;
}

/** What new code would do with a run that is kept. */
export interface CheckedRun {
  readonly id: string;
  /** Where its code and its record part: such a run would be parked. */
  readonly drift: RunDrift | undefined;
  /** Finished steps that the code does not come to any more, as far as it is replayed; `strict` fails by them. */
  readonly unreached: readonly string[];
}

const OPTIONS: OptionNames<CheckWorkflowOptions> = { jobs: true, decode: true };

/**
 * Replays kept runs of a workflow against its code, for tests in CI: nothing is done, and nothing is written.
 * @param lines an export by `exportJobs`; jobs of other names are passed over
 */
export async function checkWorkflow<Payload, Result>(
  workflow: WorkflowDefinition<Payload, Result>,
  lines: AsyncIterable<string> | Iterable<string>,
  options: CheckWorkflowOptions = {},
): Promise<CheckedRun[]> {
  checkOptions(options, OPTIONS);
  const checked: CheckedRun[] = [];
  for await (const line of lines) {
    const { job, notes = [] } = JSON.parse(line) as { readonly job?: Job; readonly notes?: readonly Note[] };
    if (job?.name === workflow.name) checked.push(await checkRun(workflow as WorkflowDefinition, job, notes, options));
  }
  return checked;
}

async function checkRun(
  workflow: WorkflowDefinition,
  job: Job,
  notes: readonly Note[],
  { jobs = [], decode = fromJson }: CheckWorkflowOptions,
): Promise<CheckedRun> {
  const context = detachedContext(job, decode);
  const journal = new Journal(
    notes.filter(({ kind }) => kind === CHECKPOINT),
    context,
  );
  const input = journal.other(INPUT) as RunInput | undefined;
  const run = new WorkflowRun({
    context,
    journal,
    job: detachedJob(job, jobs as readonly JobDefinition[]),
    settings: { ...DEFAULT_SETTINGS, ...workflow.settings },
    writer: new RunWriter(context, job.id, job.token),
    era: input?.era ?? 0,
  });
  const payload = input ? input.payload : workflow.parse(decode(job.payload));
  const end = await run
    .replayFrozen(
      async () => workflow.code(new RunContext(run, run.places.root), payload),
      async () => undefined,
    )
    .catch((error: unknown) => error);
  const unreached = journal.unreached(run.places.reached).map(([key, { name }]) => `${placeOf(key)} ${name}`);
  return { id: job.id, drift: driftOf(end), unreached };
}

function driftOf(end: unknown): RunDrift | undefined {
  if (!(end instanceof JobqError) || end.code !== "WORKFLOW_DRIFT") return undefined;
  return { message: end.message, ...(end.details as unknown as Omit<RunDrift, "message">) };
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
