import { checkOptions, type JobId, type OptionNames } from "@jobq/core";
import { checkName, type JobService, type TopicMap } from "../module.ts";
import { type ListRunsOptions, listRuns, type RunHead } from "./history/list-runs.ts";
import { type RunHistory, runHistory } from "./history/run-history.ts";
import { type RunState, runState } from "./history/run-state.ts";
import { requestCancel } from "./rollback/request-cancel.ts";
import { ServiceRuns } from "./run/service-runs.ts";
import { sendSignal } from "./signals.ts";
import { type BeginTransaction, type Determinism, settingsOf } from "./workflow-settings.ts";

/** The options of `createWorkflows`. */
export interface WorkflowsOptions {
  /** The default of `determinism` of the workflows; `explicit`. */
  readonly determinism?: Determinism | undefined;
  /** How `ctx.transaction` begins a transaction, unless the workflow has its own. */
  readonly transaction?: BeginTransaction | undefined;
}

const OPTIONS: OptionNames<WorkflowsOptions> = { determinism: true, transaction: true };

/**
 * Returns an object to manage runs. Its options apply to the runs that this service works on from now on.
 * @throws {TypeError | RangeError} an invalid option
 */
export function createWorkflows<Topics extends TopicMap>(
  service: JobService<Topics>,
  options: WorkflowsOptions = {},
): Workflows {
  checkOptions(options, OPTIONS);
  const runs = ServiceRuns.of(service as unknown as JobService);
  runs.settings = { ...runs.settings, ...settingsOf(options) };
  return new Workflows(runs);
}

/** Manages the runs of workflows: signals, cancels, lists and shows them. */
export class Workflows {
  readonly #runs: ServiceRuns;

  /** @internal */
  constructor(runs: ServiceRuns) {
    this.#runs = runs;
  }

  /**
   * Sends a signal to a run: its oldest `ctx.waitFor` of that name gets the value, now or when the code gets there.
   * Each signal is consumed once; signals of one name are consumed in the order in which they were sent.
   * @throws {JobqError} JOB_NOT_FOUND also for a job that is no run; INVALID_STATE it has ended, or is the callback of
   * a bundle that has not; PAYLOAD_INVALID, PAYLOAD_TOO_LARGE
   */
  signal(id: JobId, name: string, value?: unknown): Promise<void> {
    return sendSignal(this.#runs.context, id, name, value);
  }

  /**
   * Rolls a run back with the functions passed to `ctx.onRollback`, then cancels it as `canceled`. That happens when
   * the run next suspends or continues; its live children are canceled then. A run that has not begun is canceled at
   * once. `svc.cancel` cancels a run at once, without rollback.
   * @throws {JobqError} JOB_NOT_FOUND also for a job that is no run; INVALID_STATE it has ended, or is the callback of
   * a bundle that has not
   */
  cancel(id: JobId, reason?: string): Promise<void> {
    return requestCancel(this.#runs.context, id, reason);
  }

  /**
   * Lists runs without children, newest first: those that were enqueued with their definition, or by a schedule with
   * it. It uses an index that holds only runs. Runs that were enqueued by the name of a topic are not included; use
   * `svc.find({ name })` for those.
   * @throws {TypeError | RangeError} an invalid option
   */
  list(options: ListRunsOptions = {}): Promise<RunHead[]> {
    return listRuns(this.#runs.context, options);
  }

  /** Returns the state of a run; undefined if there is none, or the job is not a run. */
  async get(id: JobId): Promise<RunState | undefined> {
    await this.#runs.context.now();
    return runState(this.#runs.context, checkName(id, "the id of a run"));
  }

  /** Returns what a run has done so far, step by step; undefined if there is none, or the job is not a run. */
  async history(id: JobId): Promise<RunHistory | undefined> {
    await this.#runs.context.now();
    return runHistory(this.#runs.context, checkName(id, "the id of a run"));
  }
}
