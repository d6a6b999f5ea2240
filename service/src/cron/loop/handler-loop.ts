import { Deadline, type JobId, type Timestamp } from "@jobq/core";
import type { JobService, ModuleContext, ReservedJob } from "../../module.ts";
import { LEASE, PullLoop } from "./pull-loop.ts";

/** What a handler that is given in place gets beside the payload. */
export interface OccurrenceContext {
  readonly id: JobId;
  /** The instant that the job stands for; undefined when it was triggered. */
  readonly instantAt: Timestamp | undefined;
  /** 1 for the first. */
  readonly attempt: number;
  /** Aborts when the job is the handler's no longer: it was canceled, its lease was lost, or the service closes. */
  readonly signal: AbortSignal;
  /** Reports how far it is, from 0 to 1. */
  progress(value: number, message?: string): Promise<void>;
  /** Adds a line to the job's log. */
  log(line: string): Promise<void>;
}

/** A handler given in place; what it returns is the job's result, and when it throws the job is tried again. */
export type RunOccurrence<Payload = unknown> = (payload: Payload, context: OccurrenceContext) => unknown;

const RENEW_MS = 10_000;

/** Runs the jobs of one topic, one at a time, with the handler that is the current one when a job comes. */
export function handlerLoop(
  context: ModuleContext,
  service: JobService,
  topic: string,
  current: () => RunOccurrence,
): PullLoop {
  const handle = (job: ReservedJob): Promise<void> => runJob(context, job, current());
  return new PullLoop(context, service, { topic, limit: 1, handle, doing: `running jobs of ${topic}` });
}

async function runJob(context: ModuleContext, job: ReservedJob, run: RunOccurrence): Promise<void> {
  const stopRenewing = keepRenewing(context, job);
  let settle: () => Promise<void>;
  try {
    const result = await run(job.payload, contextOf(job));
    settle = () => job.done(result);
  } catch (error) {
    settle = () => job.retry({ error });
  } finally {
    stopRenewing();
  }
  if (!job.signal.aborted) await settle();
}

function contextOf(job: ReservedJob): OccurrenceContext {
  const { id, attempt, signal, tags } = job;
  return {
    ...{ id, attempt, signal },
    instantAt: tags.instant === undefined ? undefined : Date.parse(tags.instant),
    progress: (value, message) => job.progress(value, message),
    log: (line) => job.log(line),
  };
}

/** Extends the lease again and again until what is returned is called, or the job is lost. */
function keepRenewing({ clock, report }: ModuleContext, job: ReservedJob): () => void {
  let undo: () => void;
  const arm = (): void => {
    undo = new Deadline(clock, RENEW_MS).onOver(renew);
  };
  const renew = (): void => {
    if (job.signal.aborted) return;
    job.extend(LEASE).catch((error) => job.signal.aborted || report(error, "renewing a lease"));
    arm();
  };
  arm();
  return () => undo();
}
