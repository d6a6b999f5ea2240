import type { Duration, JobHead, JobId } from "@jobq/core";
import type { JobService, ReservedJob } from "../module.ts";
import type { JobDefinition } from "./define-job.ts";

/** What a handler works with. */
export interface JobContext<Payload = unknown> {
  readonly id: JobId;
  readonly name: string;
  /** 1 for the first. */
  readonly attempt: number;
  readonly payload: Payload;
  /**
   * Aborts when the work is no longer wanted; its reason is a `JobqError`: TIMEOUT the handler has run too long,
   * LEASE_LOST the job was canceled or is somebody else's, CLOSED the worker stops.
   */
  readonly signal: AbortSignal;
  /** The reservation itself; settling it by hand is what the job ends with. */
  readonly job: ReservedJob<Payload>;
  /** The job without payload and result. */
  readonly head: JobHead;
  /** Keeps a line with the job. */
  log(line: string): Promise<void>;
  /** Reports how far the work has come, from 0 to 1. */
  progress(value: number, message?: string): Promise<void>;
  /** Holds the job longer; the worker renews its lease by itself. */
  extend(lease?: Duration): Promise<void>;
  /** Enqueues another job, as the service does. */
  readonly enqueue: JobService["enqueue"];
  /** The service whose job it is. */
  readonly service: JobService;
  /** The kinds of jobs that the worker runs, by name. */
  readonly definitions: ReadonlyMap<string, JobDefinition>;
}
