import type { Timestamp } from "@jobq/core";
import type { JobContext } from "../../worker/index.ts";

/** What a handler that is given in place gets beside the payload: what a worker's handlers get, and the instant. */
export interface OccurrenceContext<Payload = unknown> extends JobContext<Payload> {
  /** The instant that the job stands for; undefined when it was triggered. */
  readonly instantAt: Timestamp | undefined;
}

/** A handler given in place; what it returns is the job's result, and when it throws the job is tried again. */
export type RunOccurrence<Payload = unknown> = (payload: Payload, context: OccurrenceContext<Payload>) => unknown;

/** The context of a worker's handler, with the instant. */
export function occurrenceContext(ctx: JobContext): OccurrenceContext {
  const { id, name, attempt, payload, job, head, log, progress, extend, enqueue, service, definitions } = ctx;
  const { instant } = job.tags;
  return {
    ...{ id, name, attempt, payload, job, head, log, progress, extend, enqueue, service, definitions },
    instantAt: instant === undefined ? undefined : Date.parse(instant),
    get signal() {
      return ctx.signal; // made when it is first asked for
    },
  };
}
