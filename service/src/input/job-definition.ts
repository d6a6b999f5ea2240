import { checkOptions, type OptionNames, wrongType } from "@jobq/core";
import { checkType } from "./check.ts";
import type { EnqueueOptions } from "./enqueue-options.ts";
import type { JobData } from "./job-data.ts";
import type { JobRequest } from "./job-factory.ts";

/**
 * As much of a definition as enqueueing by it takes; `defineJob` of `@jobq/service/worker` makes one.
 * @typeParam Payload what callers pass
 */
export interface EnqueueDefinition<Payload = unknown> {
  readonly name: string;
  readonly topic: string;
  /** Defaults for its jobs, which options of a call override. */
  readonly options: Omit<EnqueueOptions, "within">;
  /** What its module keeps with its jobs. */
  readonly data?: JobData | undefined;
  /** The group by which its module finds those of its jobs that are in no other. */
  readonly group?: string | undefined;
  /**
   * The payload as it is stored.
   * @throws {JobqError} PAYLOAD_INVALID
   */
  parse(payload: Payload): unknown;
}

/** A job to enqueue by its definition. */
export interface DefinedRequest {
  readonly job: EnqueueDefinition<never>;
  readonly payload?: unknown;
  readonly options?: Omit<EnqueueOptions, "within"> | undefined;
}

/** True for a definition in place of a topic. */
export function isDefinition(topic: unknown): topic is EnqueueDefinition {
  return typeof topic === "object" && topic !== null && typeof (topic as EnqueueDefinition).parse === "function";
}

/**
 * The job that a definition makes of a payload: its options hold where those given do not say otherwise.
 * @throws {JobqError} PAYLOAD_INVALID
 */
export function definedJob(
  definition: EnqueueDefinition,
  payload: unknown,
  options: EnqueueOptions | undefined,
): { readonly topic: string; readonly payload: unknown; readonly options: EnqueueOptions } {
  return {
    topic: definition.topic,
    payload: definition.parse(payload),
    options: definedOptions(definition, options),
  };
}

const TOPIC_REQUEST = { topic: true, payload: true, options: true } as const;
const DEFINED_REQUEST: OptionNames<DefinedRequest> = { job: true, payload: true, options: true };

/**
 * A request of many, by a definition or by a topic, as the job that is to be made.
 * @throws {TypeError | JobqError} not of either form; PAYLOAD_INVALID
 */
export function requestedJob(request: Omit<JobRequest, "data"> | DefinedRequest): JobRequest {
  const form = checkType(request, "object", "a request");
  if (!("job" in form)) {
    checkOptions(form, TOPIC_REQUEST, "a request");
    return form;
  }
  checkOptions(form, DEFINED_REQUEST, "a request");
  if (!isDefinition(form.job)) throw wrongType("a request's job", "made by defineJob", form.job);
  return { ...definedJob(form.job, form.payload, form.options), data: form.job.data };
}

/** Two options that say the same thing in two ways: the one of the call stands alone. */
const RIVALS = [
  ["weight", "priority"],
  ["retry", "backoff"],
] as const;

/** The options of a job of that kind: those of the call, and the definition's where the call says nothing. */
export function definedOptions(
  { options: defaults }: EnqueueDefinition,
  options: EnqueueOptions | undefined,
): EnqueueOptions {
  if (!options) return defaults;
  const left: { -readonly [Name in keyof EnqueueOptions]: EnqueueOptions[Name] } = { ...defaults };
  for (const pair of RIVALS)
    if (pair.some((name) => options[name] !== undefined)) for (const name of pair) delete left[name];
  return { ...left, ...options };
}
