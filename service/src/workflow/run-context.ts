import type { Duration, JobId, Timestamp } from "@jobq/core";
import { checkName, checkType } from "../module.ts";
import type { StepKind } from "./record/checkpoint.ts";
import type { Branch } from "./run/branch.ts";
import { derivedNumber, derivedUuid } from "./run/derived.ts";
import { never, type Place, type WorkflowRun } from "./run/workflow-run.ts";
import { type CalledJob, call, definitionOf } from "./steps/call.ts";
import { checkInstant, instantAfter, sleep } from "./steps/sleep.ts";
import { type StepOptions, tryPolicy } from "./steps/step-options.ts";
import { perform } from "./steps/tries.ts";
import type { StepTry, WorkflowContext } from "./workflow-context.ts";

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
    return this.#enter("call", definition.name, (run, place) => call(run, place, definition, payload, options));
  };

  readonly sleep = (duration: Duration): Promise<void> => this.#sleepUntil(instantAfter(this.#run, duration));

  readonly sleepUntil = (at: Date | Timestamp): Promise<void> => this.#sleepUntil(checkInstant(at));

  readonly now = (): Timestamp => this.#branch.now;

  readonly uuid = (): string => derivedUuid(this.#derive());

  readonly random = (): number => derivedNumber(this.#derive());

  #sleepUntil(until: Timestamp): Promise<void> {
    return this.#enter("sleep", "sleep", (run, place) => sleep(run, place, until));
  }

  #derive(): string {
    return `${this.#run.job.id}/${this.#run.era}/${this.#branch.derive()}`;
  }

  /** Never settles when the run is over. A failure that the code does not look at must not end the process. */
  #enter<T>(kind: StepKind, name: string, work: (run: WorkflowRun, place: Place) => Promise<unknown>): Promise<T> {
    const place = this.#run.enter(this.#branch, kind, name);
    if (!place) return never();
    const result = work(this.#run, place) as Promise<T>;
    result.catch(() => {});
    return result;
  }
}
