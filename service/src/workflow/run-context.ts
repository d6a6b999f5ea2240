import { type Duration, type JobId, outOfRange, type Timestamp } from "@jobq/core";
import { checkInteger, checkName, checkType } from "../module.ts";
import type { JobDefinition } from "../worker/index.ts";
import type { StepKind } from "./record/checkpoint.ts";
import type { Branch } from "./run/branch.ts";
import type { Place } from "./run/code-places.ts";
import { derivedNumber, derivedUuid } from "./run/derived.ts";
import { never, type WorkflowRun } from "./run/workflow-run.ts";
import { statusNote } from "./run-status.ts";
import { type CalledJob, call, definitionOf, RETRIES } from "./steps/call.ts";
import { continueAsNew } from "./steps/continue-as-new.ts";
import { fanOut } from "./steps/fan-out.ts";
import { type ChildOptions, childOf, type FanOutOptions, fanOutOf } from "./steps/fan-out-options.ts";
import { checkBranches, parallel } from "./steps/parallel.ts";
import { checkInstant, instantAfter, sleep } from "./steps/sleep.ts";
import { type StepOptions, tryPolicy } from "./steps/step-options.ts";
import { transaction } from "./steps/transaction.ts";
import { perform } from "./steps/tries.ts";
import { version } from "./steps/version.ts";
import { type WaitForOptions, waitFor, waitMs } from "./steps/wait-for.ts";
import type { StepTry, WorkflowContext } from "./workflow-context.ts";

/** A workflow has code that is replayed; what it is called with begins a run of its own. */
function isWorkflow(definition: JobDefinition): boolean {
  return typeof (definition as { readonly code?: unknown }).code === "function";
}

const MAX_VERSION = 1_000_000;
const MAX_VERSION_NAME = 200;
const NO_OPTIONS: StepOptions = {};

/** The context of one branch of a run's code. Its methods are bound, since code takes the context apart. */
export class RunContext implements WorkflowContext {
  readonly #run: WorkflowRun;
  readonly #branch: Branch;

  constructor(run: WorkflowRun, branch: Branch) {
    this.#run = run;
    this.#branch = branch;
  }

  get id(): JobId {
    return this.#run.job.id;
  }

  get name(): string {
    return this.#run.job.name;
  }

  get attempt(): number {
    return this.#run.job.attempt;
  }

  readonly step = <T>(
    name: string,
    work: (one: StepTry) => T | Promise<T>,
    options: StepOptions = NO_OPTIONS,
  ): Promise<T> => {
    checkName(name, "the name of a step");
    checkType(work, "function", `step "${name}"`);
    const policy = tryPolicy(options, { retries: 0 });
    return this.#enter("step", name, (run, place) =>
      perform(run, place, {
        policy,
        keepsFailure: false,
        attempt: (one) => one.within(() => run.call(place.step, () => work(one)), policy.timeoutMs, `step "${name}"`),
      }),
    );
  };

  readonly call = (job: CalledJob, payload?: unknown, options: StepOptions = NO_OPTIONS): Promise<never> => {
    const definition = definitionOf(this.#run, job);
    if (isWorkflow(definition)) return this.#child(definition, payload, options);
    return this.#enter("call", definition.name, (run, place) => call(run, place, definition, payload, options));
  };

  readonly fanOut = (job: CalledJob, items: readonly unknown[], options: FanOutOptions = {}): Promise<never> => {
    const definition = definitionOf(this.#run, job);
    const fan = fanOutOf(definition, items, options, `${this.id}:${this.#branch.path}${this.#branch.position}`);
    return this.#enter("fan-out", definition.name, (run, place) =>
      fanOut(run, place, { definition, items, fan, ...fan }),
    );
  };

  readonly parallel = <const Branches extends readonly ((ctx: WorkflowContext) => unknown)[]>(
    branches: Branches,
  ): Promise<{ -readonly [I in keyof Branches]: Awaited<ReturnType<Branches[I]>> }> => {
    checkBranches(branches);
    return this.#enter("parallel", "parallel", (run, place) =>
      parallel(
        run,
        place,
        branches.map((code) => (branch) => run.scope.enter(() => code(new RunContext(run, branch)))),
      ),
    );
  };

  readonly waitFor = <Value>(signal: string, options: WaitForOptions = {}): Promise<Value> => {
    checkName(signal, "the name of a signal");
    const timeoutMs = waitMs(options);
    return this.#enter("signal", signal, (run, place) => waitFor(run, place, timeoutMs));
  };

  readonly transaction = <T, Transaction extends object>(
    name: string,
    work: (transaction: Transaction) => T | Promise<T>,
    options: StepOptions = NO_OPTIONS,
  ): Promise<T> => {
    checkName(name, "the name of a transaction");
    checkType(work, "function", `transaction "${name}"`);
    const policy = tryPolicy(options, { retries: 0 });
    return this.#enter("transaction", name, (run, place) => transaction(run, place, work, policy));
  };

  readonly onRollback = (name: string, undo: () => unknown, options: StepOptions = NO_OPTIONS): void => {
    checkName(name, "the name of a rollback");
    checkType(undo, "function", `rollback "${name}"`);
    this.#run.rollbacks.push({ name, undo, policy: tryPolicy(options, { retries: RETRIES }) });
  };

  readonly version = (name: string, latest: number): number => {
    if (checkName(name, "the name of a version").length > MAX_VERSION_NAME) {
      throw outOfRange("the name of a version", `at most ${MAX_VERSION_NAME} characters`, name);
    }
    checkInteger(latest, "a version", 1, MAX_VERSION);
    return this.#run.scope.leave(() => version(this.#run, this.#branch, name, latest));
  };

  readonly continueAsNew = (payload: unknown): Promise<never> =>
    this.#run.isStopped ? never() : this.#run.scope.leave(() => continueAsNew(this.#run, payload));

  readonly setStatus = async (status: unknown): Promise<void> => {
    const run = this.#run;
    if (run.isOver || run.places.phase === "rollback") return never();
    // Code that is rolled back goes on to what it had begun: what it would undo comes after this.
    if (run.isStopped || run.isReplaying) return;
    await run.scope.leave(() => run.live(() => run.commit({ note: [statusNote(run, status)] })));
  };

  readonly sleep = (duration: Duration): Promise<void> =>
    this.#sleepUntil(this.#run.scope.leave(() => instantAfter(this.#run, duration)));

  readonly sleepUntil = (at: Date | Timestamp): Promise<void> => this.#sleepUntil(checkInstant(at));

  readonly now = (): Timestamp => this.#branch.now;

  readonly uuid = (): string => derivedUuid(this.#derive());

  readonly random = (): number => derivedNumber(this.#derive());

  async #child(definition: JobDefinition, payload: unknown, options: ChildOptions): Promise<never> {
    const items = [payload];
    const fan = childOf(definition, payload, options);
    const [result] = await this.#enter<never[]>("child", definition.name, (run, place) =>
      fanOut(run, place, { definition, items, fan, ...fan }),
    );
    return result as never;
  }

  #sleepUntil(until: Timestamp): Promise<void> {
    return this.#enter("sleep", "sleep", (run, place) => sleep(run, place, until));
  }

  #derive(): string {
    return `${this.#run.job.id}/${this.#run.era}/${this.#branch.derive()}`;
  }

  /** Begins a step, which is not the code's own. Never settles when the run is over. A failure that the code does not look at must not end the process. */
  #enter<T>(kind: StepKind, name: string, work: (run: WorkflowRun, place: Place) => Promise<unknown>): Promise<T> {
    return this.#run.scope.leave(() => {
      const place = this.#run.enter(this.#branch, kind, name);
      if (!place) return never();
      const result = work(this.#run, place) as Promise<T>;
      result.catch(() => {});
      return result;
    });
  }
}
