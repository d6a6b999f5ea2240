import type { Duration, JobId, Timestamp } from "@jobq/core";
import type { JobDefinition } from "../worker/index.ts";
import type { StepOptions } from "./steps/step-options.ts";

/** What the function of a step is passed. */
export interface StepTry {
  /** 1 for the first try. */
  readonly attempt: number;
  /** Aborts when the run is no longer this worker's, or the try has taken too long. */
  readonly signal: AbortSignal;
}

/**
 * What the code of a workflow works with. Everything it does by these methods is recorded when it has finished, and a
 * replay returns what is recorded. What happens between them is done again at every replay.
 */
export interface WorkflowContext {
  /** The id of the run, which is the id of its job. */
  readonly id: JobId;
  /** The name of the workflow. */
  readonly name: string;
  /** Attempts at the run so far, this one included: 1 unless its code has failed. */
  readonly attempt: number;

  /** Does something once, and returns its result in every replay. A failure that the code catches is recorded as well. */
  step<T>(name: string, run: (one: StepTry) => T | Promise<T>, options?: StepOptions): Promise<T>;

  /** Runs a job in place and returns its result; a failure for which no retries are left is recorded, and thrown. */
  call<Payload, Result>(job: JobDefinition<Payload, Result>, payload: Payload, options?: StepOptions): Promise<Result>;
  /** The same for a job of the worker, by its name. */
  call(job: string, payload?: unknown, options?: StepOptions): Promise<unknown>;

  /** Waits, from now on, without holding a worker. */
  sleep(duration: Duration): Promise<void>;
  /** Waits until an instant that was known before, without holding a worker. */
  sleepUntil(at: Date | Timestamp): Promise<void>;

  /** The time at which the latest step finished: the same in every replay. */
  now(): Timestamp;
  /** A UUID that is the same in every replay. */
  uuid(): string;
  /** A number from 0 up to 1 that is the same in every replay. */
  random(): number;
}
