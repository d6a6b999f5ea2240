import { checkOptions, type OptionNames } from "@jobq/core";
import { checkType } from "../module.ts";
import { defineJob, type JobDefinition, type JobDefinitionOptions } from "../worker/index.ts";
import { WORKFLOWS } from "./history/list-runs.ts";
import { runTurn, type WorkflowCode } from "./run-turn.ts";
import { BACKOFF } from "./steps/step-options.ts";
import { type BeginTransaction, type Determinism, settingsOf, type WorkflowSettings } from "./workflow-settings.ts";

/**
 * The options of `defineWorkflow`. Options of jobs apply to its runs; by default 2 retries, from 1 second to 1 minute.
 */
export interface WorkflowOptions<Payload, Result> extends Omit<JobDefinitionOptions<Payload, Result>, "run"> {
  /** How strictly a replay is compared with the record; as for the service, or `explicit`. */
  readonly determinism?: Determinism | undefined;
  /** How `ctx.transaction` begins a transaction; as for the service. */
  readonly transaction?: BeginTransaction | undefined;
}

/**
 * A workflow: a definition whose handler is replayed, for `svc.enqueue` and workers. Made by {@link defineWorkflow}.
 */
export interface WorkflowDefinition<Payload = unknown, Result = unknown> extends JobDefinition<Payload, Result> {
  readonly code: WorkflowCode<Payload, Result>;
  readonly settings: Partial<WorkflowSettings>;
}

const OPTIONS: OptionNames<WorkflowOptions<unknown, unknown>> = {
  ...{ determinism: true, transaction: true, topic: true, schema: true, timeout: true, onExhausted: true },
  ...{ retryWhen: true, maxRetries: true, backoff: true, retry: true, maxLeaseLosses: true, weight: true },
  ...{ priority: true, unique: true, limit: true, expires: true, origin: true, correlationId: true, tags: true },
  data: true,
};
const RETRIES = 2;
/** Runs live long, and every deploy that kills a worker costs a lease. */
const MAX_LEASE_LOSSES = 20;

/**
 * Defines a workflow: a function that continues where it stopped after a crash, because its steps are recorded.
 * @throws {TypeError | RangeError} an invalid option
 */
export function defineWorkflow<Payload = unknown, Result = unknown>(
  name: string,
  code: WorkflowCode<Payload, Result>,
  options: WorkflowOptions<Payload, Result> = {},
): WorkflowDefinition<Payload, Result> {
  checkType(code, "function", `workflow "${name}"`);
  checkOptions(checkType(options, "object", "options"), OPTIONS as OptionNames<typeof options>);
  const { determinism, transaction, maxRetries = RETRIES, maxLeaseLosses = MAX_LEASE_LOSSES, ...ofJob } = options;
  const { backoff, retry = backoff === undefined ? BACKOFF : undefined } = ofJob;
  const settings = settingsOf({ determinism, transaction });
  const job = defineJob<Payload, Result>(name, {
    ...{ ...ofJob, maxRetries, maxLeaseLosses, retry },
    run: (payload, ctx) => runTurn(code, settings, payload, ctx),
  });
  return { ...job, data: { run: true }, group: WORKFLOWS, code, settings };
}
