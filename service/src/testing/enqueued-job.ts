import type { JobId } from "@jobq/core";
import type { EnqueueCall, EnqueueOptions, ModuleContext } from "../module.ts";

/** A job that was enqueued in a mode that stores no jobs. */
export interface EnqueuedJob {
  readonly id: JobId;
  readonly topic: string;
  readonly name: string;
  /** As a handler would get it, after the codec of the service. */
  readonly payload: unknown;
  readonly tags: Readonly<Record<string, string>>;
  readonly options: EnqueueOptions;
  /** What its handler returned, if it was run. */
  readonly result?: unknown;
}

/**
 * The job that a call asks for, checked as if it were to be stored.
 * @throws {TypeError | RangeError | JobqError} as `enqueue` does
 */
export async function enqueuedJob(context: ModuleContext, call: EnqueueCall): Promise<EnqueuedJob> {
  const { topic, payload, options } = call;
  const job = context.newJob(topic, payload, options, await context.now());
  const { id, name, tags = {} } = job;
  return { ...{ id, topic, name, tags }, payload: context.decode(job.payload), options: options ?? {} };
}
