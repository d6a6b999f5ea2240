import type { Duration, JobHead, JobId } from "@jobq/core";
import type { JobService, ReservedJob } from "../module.ts";
import type { JobDefinition } from "./define-job.ts";

/** The second argument of a handler. */
export interface JobContext<Payload = unknown> {
  readonly id: JobId;
  readonly name: string;
  /** 1 for the first. */
  readonly attempt: number;
  readonly payload: Payload;
  /**
   * Aborts when the work is no longer wanted. Its reason is a `JobqError`: TIMEOUT if the handler has run too long,
   * LEASE_LOST if the job was canceled or another worker has it, CLOSED if the worker stops.
   */
  readonly signal: AbortSignal;
  /** The reserved job itself. If the handler settles it, that is its outcome. */
  readonly job: ReservedJob<Payload>;
  /** The job without payload and result. */
  readonly head: JobHead;
  /** Stores a log line with the job, of up to 65,536 characters. */
  log(line: string): Promise<void>;
  /** Reports progress, from 0 to 1, with a message of up to 65,536 characters. */
  progress(value: number, message?: string): Promise<void>;
  /** Extends the lease. The worker also renews it by itself. */
  extend(lease?: Duration): Promise<void>;
  /** Enqueues another job, like the method of the service. */
  readonly enqueue: JobService["enqueue"];
  /** The service of the worker. */
  readonly service: JobService;
  /** The definitions that the worker runs, by name. */
  readonly definitions: ReadonlyMap<string, JobDefinition>;
}
