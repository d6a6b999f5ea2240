import { durationMs, JobqError, wrongType } from "@jobq/core";
import type { JobDefinition } from "../../worker/index.ts";
import type { Place } from "../run/code-places.ts";
import type { WorkflowRun } from "../run/workflow-run.ts";
import { CallContext } from "./call-context.ts";
import { type StepOptions, tryPolicy } from "./step-options.ts";
import { perform } from "./tries.ts";

/** Retries of a call whose job does not say. */
export const RETRIES = 3;

/** A job by its definition, or by the name under which the worker has it. */
export type CalledJob = JobDefinition<never, unknown> | string;

/**
 * The definition of a job.
 * @throws {TypeError} neither a definition nor a name
 * @throws {JobqError} JOB_NOT_FOUND the worker runs no job of that name
 */
export function definitionOf(run: WorkflowRun, job: CalledJob): JobDefinition {
  if (typeof job === "object" && job !== null && typeof job.run === "function") return job as JobDefinition;
  if (typeof job !== "string") throw wrongType("a job", "made by defineJob, or the name of one", job);
  const definition = run.job.definitions.get(job);
  if (definition) return definition;
  const known = [...run.job.definitions.keys()].join(", ");
  throw new JobqError("JOB_NOT_FOUND", `this worker runs no job named "${job}"; it runs ${known}`, {
    details: { name: job },
  });
}

/** Runs the handler of a job in place. */
export function call(
  run: WorkflowRun,
  place: Place,
  definition: JobDefinition,
  payload: unknown,
  options: StepOptions,
): Promise<unknown> {
  const { options: own, timeoutMs, retryWhen } = definition;
  const policy = tryPolicy(options, { retries: own.maxRetries ?? RETRIES, backoff: own.retry, timeoutMs });
  const context = (one: Parameters<typeof contextOf>[2]) => contextOf(run, definition, one, payload);
  return perform(run, place, {
    policy,
    keepsFailure: true,
    attempt: (one) =>
      one.within(
        () => run.call(place.step, () => definition.run(definition.parse(payload), context(one))),
        policy.timeoutMs,
        `call of ${definition.name}`,
      ),
    delayMs: retryWhen && ((error, one) => decided(run, () => retryWhen(error, context(one)))),
  });
}

function contextOf(
  run: WorkflowRun,
  { name }: JobDefinition,
  one: ConstructorParameters<typeof CallContext>[3],
  payload: unknown,
): CallContext {
  return new CallContext(run.job, name, payload, one);
}

function decided(run: WorkflowRun, decide: () => Parameters<typeof durationMs>[0] | undefined): number | undefined {
  try {
    const delay = decide();
    return delay === undefined ? undefined : durationMs(delay, "the delay of retryWhen");
  } catch (error) {
    run.context.report(error, `deciding when to try a call of run ${run.job.id} again`);
    return undefined;
  }
}
