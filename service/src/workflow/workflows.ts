import { checkOptions, type JobId, type OptionNames } from "@jobq/core";
import { checkName, type JobService, type TopicMap } from "../module.ts";
import { type ListRunsOptions, listRuns, type RunHead } from "./history/list-runs.ts";
import { type RunHistory, runHistory } from "./history/run-history.ts";
import { type RunState, runState } from "./history/run-state.ts";
import { requestCancel } from "./rollback/request-cancel.ts";
import { ServiceRuns } from "./run/service-runs.ts";
import { sendSignal } from "./signals.ts";
import { type BeginTransaction, type Determinism, settingsOf } from "./workflow-settings.ts";

/** What holds for the workflows of a service. */
export interface WorkflowsOptions {
  /** How a replay is held to what is recorded, for workflows that do not say; `explicit`. */
  readonly determinism?: Determinism | undefined;
  /** How `ctx.transaction` begins one, for workflows that do not say. */
  readonly transaction?: BeginTransaction | undefined;
}

const OPTIONS: OptionNames<WorkflowsOptions> = { determinism: true, transaction: true };

/**
 * Makes what runs are steered and looked at by. Its options hold for the runs that this service works on from now on.
 * @throws {TypeError | RangeError} an option that means nothing
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

/** The runs of workflows, as operators and other programs see them. */
export class Workflows {
  readonly #runs: ServiceRuns;

  /** @internal */
  constructor(runs: ServiceRuns) {
    this.#runs = runs;
  }

  /**
   * Sends a value to a run: its oldest `ctx.waitFor` of that name gets it, now or whenever it comes there. Signals of one
   * name are consumed in the order in which they were sent, each once.
   * @throws {JobqError} JOB_NOT_FOUND also for a job that is no run; INVALID_STATE it has ended, or is the callback of a
   * bundle that has not; PAYLOAD_INVALID, PAYLOAD_TOO_LARGE
   */
  signal(id: JobId, name: string, value?: unknown): Promise<void> {
    return sendSignal(this.#runs.context, id, name, value);
  }

  /**
   * Asks a run to undo what `ctx.onRollback` was told of, and to end as `canceled`; it does so when it next lets go or is
   * taken up, and its children that are under way are canceled then. One that has not begun is canceled at once.
   * `svc.cancel` ends a run at once and undoes nothing.
   * @throws {JobqError} JOB_NOT_FOUND also for a job that is no run; INVALID_STATE it has ended, or is the callback of a
   * bundle that has not
   */
  cancel(id: JobId, reason?: string): Promise<void> {
    return requestCancel(this.#runs.context, id, reason);
  }

  /**
   * Runs, newest first: those enqueued by their definition, or by a schedule of it, and no children. One `find` by an index
   * that holds runs alone, so other jobs cost nothing; `name` and `state` pass over runs that do not match. Of runs enqueued
   * by the name of a topic nothing tells that they are such before they are run: `svc.find({ name })` has those.
   * @throws {TypeError | RangeError} an option that means nothing
   */
  list(options: ListRunsOptions = {}): Promise<RunHead[]> {
    return listRuns(this.#runs.context, options);
  }

  /** How a run stands; undefined when there is none, or the job is no run. */
  async get(id: JobId): Promise<RunState | undefined> {
    await this.#runs.context.now();
    return runState(this.#runs.context, checkName(id, "the id of a run"));
  }

  /** What a run has done so far, step by step; undefined when there is none, or the job is no run. */
  async history(id: JobId): Promise<RunHistory | undefined> {
    await this.#runs.context.now();
    return runHistory(this.#runs.context, checkName(id, "the id of a run"));
  }
}
