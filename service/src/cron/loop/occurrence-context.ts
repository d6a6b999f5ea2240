import type { Timestamp } from "@jobq/core";
import type { JobContext } from "../../worker/index.ts";

/** The context of a handler given as `run`: that of a worker's handler, and the instant. */
export interface OccurrenceContext<Payload = unknown> extends JobContext<Payload> {
  /** The instant that the job stands for; undefined if it was triggered. */
  readonly instantAt: Timestamp | undefined;
}

/** A handler given as `run`. What it returns is the result of the job; if it throws, the job is retried. */
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
