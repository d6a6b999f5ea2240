import type { Duration } from "@jobq/core";
import { checkOptions, JobqError, type OptionNames, type Topic, wrongType } from "@jobq/core";
import {
  checkJobDefaults,
  checkName,
  checkOwnTopic,
  checkType,
  type EnqueueDefinition,
  type EnqueueOptions,
  leaseMs,
} from "../module.ts";
import type { JobContext } from "./job-context.ts";
import type { SchemaResult, StandardSchema } from "./standard-schema.ts";

/** What follows a failed attempt: the delay until the next one, or undefined to apply the job's policy. */
export type RetryDecision = Duration | undefined;

/** The options of `defineJob`: the handler, and defaults for its jobs. */
export interface JobDefinitionOptions<Payload, Result>
  extends Omit<EnqueueOptions, "within" | "name" | "timeout" | "onExhausted" | "after" | "delay" | "at"> {
  /** Where its jobs are enqueued; by default a topic of the same name. */
  readonly topic?: Topic | undefined;
  /**
   * Checks payloads when they are enqueued, which rejects with PAYLOAD_INVALID, and again before they run, since older
   * code may have enqueued them: then the job is canceled as `rejected`. It must validate synchronously.
   */
  readonly schema?: StandardSchema<Payload, Payload> | undefined;
  /** How long a handler may run; then its signal aborts and the attempt has failed with TIMEOUT. By default no limit. */
  readonly timeout?: Duration | undefined;
  /** A topic that gets a copy of a job that ends as `exhausted` or `poison`, or a function that is called. */
  readonly onExhausted?:
    | { readonly topic: string }
    | ((error: unknown, ctx: JobContext<Payload>) => unknown)
    | undefined;
  /** Returns the delay before the retry for an error; where it returns undefined, the policy applies. */
  readonly retryWhen?: ((error: unknown, ctx: JobContext<Payload>) => RetryDecision) | undefined;
  /** The handler. What it returns is stored as the result. */
  readonly run: (payload: Payload, ctx: JobContext<Payload>) => Result | Promise<Result>;
}

/** A kind of job, for `svc.enqueue` and workers. Made by {@link defineJob}. */
export interface JobDefinition<Payload = unknown, Result = unknown> extends EnqueueDefinition<Payload> {
  readonly timeoutMs: number | undefined;
  readonly onExhausted: ((error: unknown, ctx: JobContext<Payload>) => unknown) | undefined;
  readonly retryWhen: ((error: unknown, ctx: JobContext<Payload>) => RetryDecision) | undefined;
  readonly run: (payload: Payload, ctx: JobContext<Payload>) => Result | Promise<Result>;
}

const OPTIONS: OptionNames<JobDefinitionOptions<unknown, unknown>> = {
  topic: true,
  schema: true,
  timeout: true,
  onExhausted: true,
  retryWhen: true,
  run: true,
  maxRetries: true,
  backoff: true,
  retry: true,
  maxLeaseLosses: true,
  weight: true,
  priority: true,
  unique: true,
  limit: true,
  expires: true,
  origin: true,
  correlationId: true,
  tags: true,
  data: true,
};

/**
 * Defines a kind of job: its name, the type of its payload, its handler, and how it is retried.
 * @throws {TypeError | RangeError} an invalid option
 */
export function defineJob<Payload = unknown, Result = unknown>(
  name: string,
  options: JobDefinitionOptions<Payload, Result>,
): JobDefinition<Payload, Result> {
  checkName(name, "name");
  checkOptions(checkType(options, "object", "options"), OPTIONS as OptionNames<typeof options>);
  const { topic = name, schema, timeout, onExhausted, retryWhen, run, ...defaults } = options;
  if (schema !== undefined && typeof schema?.["~standard"]?.validate !== "function") {
    throw wrongType("schema", "a Standard Schema", schema);
  }
  const isTold = typeof onExhausted === "function";
  const ofJobs = { ...defaults, ...(isTold || onExhausted === undefined ? {} : { onExhausted }) };
  checkJobDefaults(ofJobs);
  return {
    name,
    topic: checkOwnTopic(topic),
    options: { ...ofJobs, name },
    timeoutMs: timeout === undefined ? undefined : leaseMs(timeout, "timeout"),
    onExhausted: isTold ? onExhausted : undefined,
    retryWhen: retryWhen === undefined ? undefined : checkType(retryWhen, "function", "retryWhen"),
    run: checkType(run, "function", "run"),
    parse: (payload) => (schema ? parsed(schema, payload, name) : payload),
  };
}

/** @throws {JobqError} PAYLOAD_INVALID the schema does not take it, throws, or is asynchronous */
function parsed<Payload>(schema: StandardSchema<Payload, Payload>, payload: unknown, name: string): Payload {
  let result: SchemaResult<Payload> | Promise<SchemaResult<Payload>>;
  try {
    result = schema["~standard"].validate(payload);
  } catch (cause) {
    throw new JobqError("PAYLOAD_INVALID", `the schema of ${name} threw: ${String(cause)}`, { cause });
  }
  if (isThenable(result)) {
    Promise.resolve(result).catch(() => {}); // it is refused whatever comes of it
    throw new JobqError("PAYLOAD_INVALID", `the schema of ${name} validates asynchronously, which is not supported`);
  }
  if (typeof result !== "object" || result === null) {
    throw new JobqError("PAYLOAD_INVALID", `the schema of ${name} returned ${String(result)}, which is no result`);
  }
  if (!result.issues) return result.value;
  const [issue] = result.issues;
  const where = issue?.path?.map((part) => String(typeof part === "object" ? (part as { key: unknown }).key : part));
  const at = where?.length ? ` at ${where.join(".")}` : "";
  const details = { name, issues: result.issues.map(({ message }) => message) };
  throw new JobqError("PAYLOAD_INVALID", `payload of ${name}${at}: ${issue?.message ?? "not valid"}`, { details });
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | undefined)?.then === "function";
}
