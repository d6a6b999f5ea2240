import { checkType } from "../module.ts";
import { defineJob, type JobDefinition, type JobDefinitionOptions } from "../worker/index.ts";
import { WORKFLOWS } from "./history/list-runs.ts";
import { runTurn, type WorkflowCode } from "./run-turn.ts";
import { BACKOFF } from "./steps/step-options.ts";
import { type BeginTransaction, type Determinism, settingsOf, type WorkflowSettings } from "./workflow-settings.ts";

/** How a workflow is defined. Options of jobs hold for its runs: 2 retries, from 1 second to 1 minute. */
export interface WorkflowOptions<Payload, Result> extends Omit<JobDefinitionOptions<Payload, Result>, "run"> {
  /** How a replay is held to what is recorded; that of the service, or `explicit`. */
  readonly determinism?: Determinism | undefined;
  /** How `ctx.transaction` begins one; that of the service. */
  readonly transaction?: BeginTransaction | undefined;
}

/** A workflow: a kind of job whose handler is replayed. `svc.enqueue` and workers take it as they take any job. */
export interface WorkflowDefinition<Payload = unknown, Result = unknown> extends JobDefinition<Payload, Result> {
  readonly code: WorkflowCode<Payload, Result>;
  readonly settings: Partial<WorkflowSettings>;
}

const RETRIES = 2;
/** Runs live long, and every deploy that kills a worker costs a lease. */
const MAX_LEASE_LOSSES = 20;

/**
 * Defines a workflow: code that goes on where it stopped, whatever dies, since what it has done is recorded.
 * @throws {TypeError | RangeError} an option that means nothing
 */
export function defineWorkflow<Payload = unknown, Result = unknown>(
  name: string,
  code: WorkflowCode<Payload, Result>,
  options: WorkflowOptions<Payload, Result> = {},
): WorkflowDefinition<Payload, Result> {
  checkType(code, "function", `workflow "${name}"`);
  const { determinism, transaction, ...ofJob } = checkType(options, "object", "options");
  const settings = settingsOf({ determinism, transaction });
  const backoff = ofJob.backoff === undefined ? { retry: BACKOFF } : {};
  const job = defineJob<Payload, Result>(name, {
    ...{ maxRetries: RETRIES, maxLeaseLosses: MAX_LEASE_LOSSES },
    ...backoff,
    ...ofJob,
    run: (payload, ctx) => runTurn(code, settings, payload, ctx),
  });
  return { ...job, data: { run: true }, group: WORKFLOWS, code, settings };
}
