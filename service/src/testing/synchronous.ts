import { JobqError, type OptionNames } from "@jobq/core";
import type { JobService, TopicMap } from "../module.ts";
import type { JobContext, JobDefinition } from "../worker/index.ts";
import type { EnqueuedJob } from "./enqueued-job.ts";
import { checkMode, enter, MODE_OPTIONS, type ModeOptions, within } from "./mode.ts";
import type { Recording } from "./recording.ts";
import { runAtOnce } from "./run-at-once.ts";

/** The options of `synchronous`: the handlers, as for a worker. */
export interface SynchronousOptions extends ModeOptions {
  readonly jobs?: readonly JobDefinition<never, unknown>[] | undefined;
  /** Runs jobs whose name has no definition; without it, `enqueue` rejects with JOB_NOT_FOUND. */
  readonly fallback?: ((payload: unknown, ctx: JobContext) => unknown) | undefined;
}

const OPTIONS: OptionNames<SynchronousOptions> = { ...MODE_OPTIONS, jobs: true, fallback: true };

/**
 * Makes `enqueue` run the handler of a job at once, ignoring delays, and resolve when it has ended or reject with what
 * it throws. Nothing is stored, retried or unique. Ends when `restore` of the recording is called.
 * @throws {TypeError} an invalid option; or a workflow, whose runs need a store: use `createTestService`
 */
export function synchronous<Topics extends TopicMap>(
  service: JobService<Topics>,
  options: SynchronousOptions,
): Recording;
/** Does the same while `body` runs; resolves with what it returns. */
export function synchronous<Topics extends TopicMap, Result>(
  service: JobService<Topics>,
  options: SynchronousOptions,
  body: (recording: Recording) => Result | Promise<Result>,
): Promise<Result>;
export function synchronous(
  service: JobService,
  options: SynchronousOptions,
  body?: (recording: Recording) => unknown,
): Recording | Promise<unknown> {
  checkMode(options, body, OPTIONS as OptionNames<ModeOptions>);
  const { jobs = [], fallback } = options;
  const workflow = jobs.find(({ data }) => data?.run);
  if (workflow) {
    const text = `jobs must not have workflows, got "${workflow.name}": a run needs a store, as of createTestService`;
    throw new TypeError(text);
  }
  const definitions = new Map(jobs.map((job) => [job.name, job as JobDefinition]));
  const handle = async (job: EnqueuedJob): Promise<EnqueuedJob> => {
    const definition = definitions.get(job.name);
    const run = definition?.run ?? fallback;
    if (!run) throw new JobqError("JOB_NOT_FOUND", `no handler is known for jobs of the name ${job.name}`);
    const payload = definition ? definition.parse(job.payload) : job.payload; // as a worker does
    return { ...job, result: await runAtOnce(service, definitions, { ...job, payload }, run) };
  };
  const mode = { service, options, handle };
  return body ? within(mode, body) : enter(mode);
}
