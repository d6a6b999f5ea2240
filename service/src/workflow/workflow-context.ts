import type { Duration, JobId, Timestamp } from "@jobq/core";
import type { JobDefinition } from "../worker/index.ts";
import type { WorkflowDefinition } from "./define-workflow.ts";
import type { ChildOutcome } from "./steps/fan-out.ts";
import type { ChildOptions, FanOutOptions } from "./steps/fan-out-options.ts";
import type { StepOptions } from "./steps/step-options.ts";
import type { WaitForOptions } from "./steps/wait-for.ts";

/** The argument of the function of a step. */
export interface StepTry {
  /** 1 for the first try. */
  readonly attempt: number;
  /** Aborts when this worker has lost the run, or the try has taken too long. */
  readonly signal: AbortSignal;
}

/**
 * The context of a workflow. The outcome of each of these methods is recorded, and a replay returns what is recorded.
 * Code between them runs again at every replay.
 */
export interface WorkflowContext {
  /** The id of the run, which is the id of its job. */
  readonly id: JobId;
  /** The name of the workflow. */
  readonly name: string;
  /** The number of the attempt at the run: 1 unless its code has failed before. */
  readonly attempt: number;

  /**
   * Runs a function once, and returns its recorded result in every replay. A failure that the code catches is recorded
   * too.
   */
  step<T>(name: string, run: (one: StepTry) => T | Promise<T>, options?: StepOptions): Promise<T>;

  /**
   * Runs the handler of a definition as a step, and returns its result. The failure of the last try is recorded and
   * thrown.
   */
  call<Payload, Result>(job: JobDefinition<Payload, Result>, payload: Payload, options?: StepOptions): Promise<Result>;
  /** Does the same for a definition of the worker, by its name. */
  call(job: string, payload?: unknown, options?: StepOptions): Promise<unknown>;

  /**
   * Starts a workflow as a child run, and waits for its result. It is canceled with this run.
   * @throws {JobqError} CHILD_FAILED if it was canceled, for whatever reason, or removed
   */
  call<Payload, Result>(
    workflow: WorkflowDefinition<Payload, Result>,
    payload: Payload,
    options?: ChildOptions,
  ): Promise<Result>;

  /**
   * Enqueues a child job for each item, for any worker, and returns their results in the order of the items. If one
   * fails for good, the others are canceled.
   * @throws {JobqError} CHILD_FAILED, whose message quotes the child's error
   */
  fanOut<Payload, Result>(
    job: JobDefinition<Payload, Result> | string,
    items: readonly Payload[],
    options?: FanOutOptions & { readonly strategy?: "failFast" | undefined },
  ): Promise<Result[]>;
  /**
   * Does the same, and returns how each child ended.
   * @throws {JobqError} CHILD_FAILED with a `threshold` that can no longer be reached
   */
  fanOut<Payload, Result>(
    job: JobDefinition<Payload, Result> | string,
    items: readonly Payload[],
    options: FanOutOptions,
  ): Promise<ChildOutcome<Result>[]>;

  /** Runs branches of the code concurrently, each with its own context, whose steps are numbered separately. */
  parallel<const Branches extends readonly ((ctx: WorkflowContext) => unknown)[]>(
    branches: Branches,
  ): Promise<{ -readonly [I in keyof Branches]: Awaited<ReturnType<Branches[I]>> }>;

  /** Waits for a signal of `workflows.signal`, including one that came earlier, without occupying a worker. */
  waitFor<Value = unknown>(signal: string, options?: { readonly timeout?: undefined }): Promise<Value>;
  /** Does the same, and returns undefined if no signal came in time. */
  waitFor<Value = unknown>(signal: string, options: WaitForOptions): Promise<Value | undefined>;

  /** Stores a value that `workflows.get` shows as the status of the run. */
  setStatus(status: unknown): Promise<void>;

  /**
   * Runs a function in a transaction on the database of the jobs and topics, and records it in the same transaction:
   * its effect happens exactly once. Needs the option `transaction` of the workflow or of `createWorkflows`.
   */
  transaction<T, Transaction extends object = object>(
    name: string,
    run: (transaction: Transaction) => T | Promise<T>,
    options?: StepOptions,
  ): Promise<T>;

  /** Registers `undo`, which runs as a step when the run fails for good or is rolled back: the latest one first. */
  onRollback(name: string, undo: () => unknown, options?: StepOptions): void;

  /**
   * Returns the version of a piece of code for this run: `latest` when the run gets there for the first time, and the
   * same number from then on; 1 if it had passed the place before the version was added.
   */
  version(name: string, latest: number): number;

  /**
   * Starts the run over with another payload, under the same id and with an empty record. Code after it does not run.
   */
  continueAsNew(payload: unknown): Promise<never>;

  /** Waits for a duration, without occupying a worker. */
  sleep(duration: Duration): Promise<void>;
  /** Waits until an instant, without occupying a worker. */
  sleepUntil(at: Date | Timestamp): Promise<void>;

  /** Returns the time at which the latest step finished: the same in every replay. */
  now(): Timestamp;
  /** Returns a UUID that is the same in every replay. */
  uuid(): string;
  /** Returns a number from 0 up to 1 that is the same in every replay. */
  random(): number;
}
