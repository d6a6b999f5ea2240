import type { JobId } from "@jobq/core";
import type {
  HistoryStep,
  KeptSignal,
  ListRunsOptions,
  RunHead,
  RunHistory,
  RunState,
  RunWait,
} from "@jobq/service/workflow";
import { checkHasJson, instantOf, orUndefined, pathOf, queryText } from "./forms.ts";
import type { Transport } from "./transport.ts";

/** A recorded step of a run, without its value. */
export type RemoteStep = Omit<HistoryStep, "id" | "value" | "size" | "durationMs">;

/** The record of a run, without values. */
export interface RemoteHistory extends Omit<RunHistory, "steps"> {
  readonly steps: readonly RemoteStep[];
}

interface RunForm extends Omit<RunHead, "createdAt" | "finishedAt"> {
  readonly created_at: string;
  readonly finished_at?: string;
}

interface StateForm extends RunForm, Pick<RunState, "status" | "finished" | "parked" | "result"> {
  readonly waits_for: readonly (Omit<RunWait, "since" | "until"> & {
    readonly since: string;
    readonly until?: string;
  })[];
  readonly kept_signals: readonly KeptSignalForm[];
}

interface KeptSignalForm extends Omit<KeptSignal, "since"> {
  readonly since: string;
}

interface StepForm extends Omit<RemoteStep, "startedAt" | "endedAt" | "until"> {
  readonly started_at: string;
  readonly ended_at?: string;
  readonly until?: string;
}

interface UsedForm {
  readonly used: number;
  readonly most: number;
  readonly near: boolean;
}

interface HistoryForm {
  readonly id: JobId;
  readonly workflow: string;
  readonly steps: readonly StepForm[];
  readonly kept_signals: readonly KeptSignalForm[];
  readonly limits: { readonly steps: UsedForm; readonly recorded: UsedForm };
}

/** Reads and steers the runs of workflows in a server's store, as `createWorkflows` does. */
export class WorkflowClient {
  readonly #transport: Transport;

  /** @internal */
  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Returns runs, newest first; at most 1,000 per call. */
  async list({ name, ...query }: ListRunsOptions = {}): Promise<readonly RunHead[]> {
    const { before, limit = 100, ...rest } = query;
    const path = `/api/v1/workflows${queryText({ ...rest, workflow: name, cursor: before, limit })}`;
    return (await this.#transport.call<{ runs: RunForm[] }>("GET", path)).runs.map(runHead);
  }

  /** Returns the state of a run; undefined if it does not exist. */
  async get(id: JobId): Promise<RunState | undefined> {
    const form = await orUndefined(this.#transport.call<StateForm>("GET", pathOf("workflows", id, "state")));
    if (!form) return undefined;
    const { status, finished, parked, result, waits_for: waits, kept_signals: kept } = form;
    const waitsFor = waits.map((wait) => ({
      ...wait,
      since: Date.parse(wait.since),
      until: instantOf(wait.until),
    }));
    const keptSignals = kept.map(keptSignal);
    return { ...runHead(form), status: status ?? undefined, finished, parked, result, waitsFor, keptSignals };
  }

  /** Returns the record of a run, step by step; undefined if it does not exist. */
  async history(id: JobId): Promise<RemoteHistory | undefined> {
    const form = await orUndefined(this.#transport.call<HistoryForm>("GET", pathOf("workflows", id)));
    if (!form) return undefined;
    const steps = form.steps.map(({ started_at: start, ended_at: end, until, ...step }) => {
      return { ...step, startedAt: Date.parse(start), endedAt: instantOf(end), until: instantOf(until) };
    });
    const { id: run, workflow, kept_signals: kept, limits } = form;
    const usedLimits = { steps: used(limits.steps), recorded: used(limits.recorded) };
    return { id: run, workflow, steps, keptSignals: kept.map(keptSignal), limits: usedLimits };
  }

  /**
   * Sends a signal to a run, which keeps it until its code waits for it.
   * @throws {JobqError} JOB_NOT_FOUND; INVALID_STATE if the run has ended
   */
  async signal(id: JobId, name: string, value?: unknown): Promise<void> {
    const path = pathOf("workflows", id, `signals/${encodeURIComponent(name)}`);
    await this.#transport.call("POST", path, { value: checkHasJson(value, "value") });
  }

  /**
   * Cancels a run: it is rolled back, then ends.
   * @throws {JobqError} JOB_NOT_FOUND; INVALID_STATE if the run has ended
   */
  async cancel(id: JobId, reason?: string): Promise<void> {
    await this.#transport.call("POST", pathOf("workflows", id, "cancel"), { reason });
  }
}

function runHead({ id, workflow, state, reason, error, created_at: created, finished_at: finished }: RunForm): RunHead {
  return { ...{ id, workflow, state, reason, error }, createdAt: Date.parse(created), finishedAt: instantOf(finished) };
}

function keptSignal({ since, ...kept }: KeptSignalForm): KeptSignal {
  return { ...kept, since: Date.parse(since) };
}

function used({ used, most, near }: UsedForm): { used: number; most: number; isNear: boolean } {
  return { used, most, isNear: near };
}
