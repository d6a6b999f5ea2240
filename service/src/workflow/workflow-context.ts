import type { Duration, JobId, Timestamp } from "@jobq/core";
import type { JobDefinition } from "../worker/index.ts";
import type { WorkflowDefinition } from "./define-workflow.ts";
import type { ChildOutcome } from "./steps/fan-out.ts";
import type { ChildOptions, FanOutOptions } from "./steps/fan-out-options.ts";
import type { StepOptions } from "./steps/step-options.ts";
import type { WaitForOptions } from "./steps/wait-for.ts";

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

  /** Runs a workflow as a child of this one: a run of its own, which is canceled with this one. */
  call<Payload, Result>(
    workflow: WorkflowDefinition<Payload, Result>,
    payload: Payload,
    options?: ChildOptions,
  ): Promise<Result>;

  /**
   * Has a job done for each item, by children of the run on any worker, and returns their results in the order of the
   * items. The first one that fails for good ends it: the others are canceled.
   */
  fanOut<Payload, Result>(
    job: JobDefinition<Payload, Result> | string,
    items: readonly Payload[],
    options?: FanOutOptions & { readonly strategy?: "failFast" | undefined },
  ): Promise<Result[]>;
  /** The same, with how each of them ended. */
  fanOut<Payload, Result>(
    job: JobDefinition<Payload, Result> | string,
    items: readonly Payload[],
    options: FanOutOptions,
  ): Promise<ChildOutcome<Result>[]>;

  /** Runs branches of the code side by side, each with a context of its own, whose steps are counted by themselves. */
  parallel<const Branches extends readonly ((ctx: WorkflowContext) => unknown)[]>(
    branches: Branches,
  ): Promise<{ -readonly [I in keyof Branches]: Awaited<ReturnType<Branches[I]>> }>;

  /** Waits for a signal that `workflows.signal` sends, without holding a worker; one that has come before is there. */
  waitFor<Value = unknown>(signal: string, options?: { readonly timeout?: undefined }): Promise<Value>;
  /** The same, with undefined when it has not come in time. */
  waitFor<Value = unknown>(signal: string, options: WaitForOptions): Promise<Value | undefined>;

  /** Keeps a value that `workflows.get` shows as the run's status. */
  setStatus(status: unknown): Promise<void>;

  /**
   * Does something in a transaction on the database of jobs and topics, and records it in the same one: it happens
   * exactly once. Needs the option `transaction` of the workflow or of `createWorkflows`.
   */
  transaction<T, Transaction extends object = object>(
    name: string,
    run: (transaction: Transaction) => T | Promise<T>,
    options?: StepOptions,
  ): Promise<T>;

  /** Has `undo` called, as a step, when the run fails for good or is asked to roll back: the latest one first. */
  onRollback(name: string, undo: () => unknown, options?: StepOptions): void;

  /**
   * The version of a piece of code that this run goes by: `latest` where it comes there for the first time, and the same
   * from then on; 1 where it had passed the place before there were versions.
   */
  version(name: string, latest: number): number;

  /** Begins the run anew with another payload, under the same id and without its record; what follows is not run. */
  continueAsNew(payload: unknown): Promise<never>;

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
