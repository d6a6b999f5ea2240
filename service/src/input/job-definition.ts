import type { EnqueueCall } from "../enqueue/wrapped-enqueuer.ts";
import type { EnqueueOptions } from "./enqueue-options.ts";
import type { JobData } from "./job-data.ts";

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

/** One of many jobs to enqueue at once, by its definition. The payload may be left out where its type allows undefined. */
export type DefinedRequest<Payload = unknown> = {
  /** Made by `defineJob`. */
  readonly job: EnqueueDefinition<Payload>;
  readonly options?: Omit<EnqueueOptions, "within"> | undefined;
} & (undefined extends Payload ? { readonly payload?: Payload } : { readonly payload: Payload });

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
): EnqueueCall {
  return {
    topic: definition.topic,
    payload: definition.parse(payload),
    options: definedOptions(definition, options),
    job: definition,
  };
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
  return { ...left, ...said(options) };
}

/** Without those that are undefined. */
function said(options: EnqueueOptions): EnqueueOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
