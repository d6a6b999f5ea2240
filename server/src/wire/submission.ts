import type { EnqueueOptions } from "@jobq/service";
import { invalid } from "../fault.ts";
import { anything, array, type Infer, integer, map, object, oneOf, string } from "../schema/schema.ts";
import { durationSchema, goDurationMs } from "./go-duration.ts";
import { PRIORITY_WEIGHTS } from "./priorities.ts";
import { timestampOf } from "./timestamps.ts";

/** Under which tag a correlation id is kept with its job. */
export const CORRELATION_TAG = "correlation_id";

/** A name: 1 to 255 characters, none of them a control character. */
export const NAME_PATTERN: RegExp = /^\P{Cc}+$/u;

/** A name of something. */
export const nameSchema = string({ min: 1, max: 255, pattern: NAME_PATTERN, format: "printable" });

const backoffSchema = object(
  {},
  {
    strategy: oneOf("exponential", "constant").describe("exponential by default"),
    initial_delay: durationSchema.describe("before the first retry"),
    max_delay: durationSchema,
    multiplier: integer({ min: 2, max: 2 }),
  },
);

/** A job to be enqueued, as GopherQueue's clients ask for it; `topic` and `weight` are ours. */
export const submissionSchema = object(
  { type: nameSchema.describe("which handler runs it") },
  {
    topic: nameSchema.describe("by default the type"),
    payload: anything,
    priority: integer({ min: 0, max: 4 }).describe("0 critical, 1 high, 2 normal, 3 low, 4 bulk; 2 by default"),
    weight: integer({ min: -32_768, max: 32_767 }).describe("lower runs first; instead of priority"),
    delay: durationSchema.describe("not before so long from now"),
    scheduled_at: string({ format: "date-time" }).describe("not before this instant; instead of delay"),
    timeout: durationSchema.describe("how long an attempt may take"),
    max_attempts: integer({ min: 1, max: 1_000_001 }),
    idempotency_key: string({ max: 255 }).describe("while a job with this key has not ended, it is the one submitted"),
    correlation_id: string({ max: 255 }).describe(`kept as the tag ${CORRELATION_TAG}`),
    tags: map(string({ min: 1, max: 255 }), 32),
    depends_on: array(string({ min: 1, max: 255 }), { max: 1000 }),
    backoff: backoffSchema,
  },
).named("Submission");

/** A job to be enqueued, as it came over the wire. */
export type Submission = Infer<typeof submissionSchema>;

/** What the service is asked for. */
export interface Enqueueing {
  readonly topic: string;
  readonly payload: unknown;
  readonly options: EnqueueOptions;
}

/**
 * Turns what came over the wire into what the service takes. Empty strings are as good as left out, as they are in Go.
 * @param at names the place of the submission in faults, as `jobs[3].`
 * @throws {Fault} validation_failed
 */
export function enqueueingOf(submission: Submission, at = ""): Enqueueing {
  const { type, topic = type, payload, idempotency_key: unique, depends_on: blockers } = submission;
  if (blockers && blockers.length > 0) {
    throw invalid(`${at}depends_on`, `${at}depends_on is not supported: this server cannot let jobs wait for jobs`);
  }
  return {
    topic,
    payload,
    options: {
      ...(topic === type ? {} : { name: type }),
      ...weightOf(submission, at),
      ...startOf(submission, at),
      ...durationOf("timeout", submission.timeout, at),
      ...(submission.max_attempts === undefined ? {} : { maxRetries: submission.max_attempts - 1 }),
      ...(unique ? { unique } : {}),
      ...tagsOf(submission),
      ...backoffOf(submission.backoff, at),
    },
  };
}

function weightOf({ priority, weight }: Submission, at: string): Pick<EnqueueOptions, "weight"> {
  if (priority === undefined) return weight === undefined ? {} : { weight };
  if (weight !== undefined) throw invalid(`${at}weight`, `${at}weight must be left out when priority is given`);
  return { weight: PRIORITY_WEIGHTS[priority] as number };
}

function startOf({ delay, scheduled_at: start }: Submission, at: string): Pick<EnqueueOptions, "delay" | "at"> {
  if (!start) return durationOf("delay", delay, at);
  if (delay) throw invalid(`${at}scheduled_at`, `${at}scheduled_at must be left out when delay is given`);
  return { at: timestampOf(start, `${at}scheduled_at`) };
}

function durationOf<K extends string>(name: K, text: string | undefined, at: string): { readonly [key in K]?: number } {
  return (text ? { [name]: goDurationMs(text, `${at}${name}`) } : {}) as { readonly [key in K]?: number };
}

function tagsOf({ tags, correlation_id: correlation }: Submission): Pick<EnqueueOptions, "tags"> {
  if (!tags && !correlation) return {};
  return { tags: { ...tags, ...(correlation ? { [CORRELATION_TAG]: correlation } : {}) } };
}

function backoffOf(backoff: Submission["backoff"], at: string): Pick<EnqueueOptions, "backoff"> {
  if (!backoff) return {};
  const { strategy = "exponential", initial_delay: initial, max_delay: most } = backoff;
  const min = initial ? goDurationMs(initial, `${at}backoff.initial_delay`) : undefined;
  const max = most ? goDurationMs(most, `${at}backoff.max_delay`) : undefined;
  if (strategy === "exponential") {
    return { backoff: { ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) } };
  }
  if (min === undefined) throw invalid(`${at}backoff.initial_delay`, "a constant backoff needs an initial_delay");
  return { backoff: { min, max: min } };
}
