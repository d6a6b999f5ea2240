import type { JobId } from "@jobq/core";
import { attemptTimeout, type EnqueueOptions } from "@jobq/service/module";
import { exponential, linear } from "@jobq/service/retry";
import { invalid } from "../fault.ts";
import { anything, array, type Infer, integer, map, number, object, oneOf, string } from "../schema/schema.ts";
import { durationSchema, goDurationMs } from "./go-duration.ts";
import { PRIORITY_WEIGHTS } from "./priorities.ts";
import { timestampOf } from "./timestamps.ts";

/** A name: 1 to 255 characters, none of them a control character or a lone surrogate. */
export const NAME_PATTERN: RegExp = /^[^\p{Cc}\p{Cs}]+$/u;

/** A name of something. */
export const nameSchema = string({ min: 1, max: 255, pattern: NAME_PATTERN, format: "printable" });

/** Where the page after one begins: the id of the last job of that. */
export const cursorSchema = string({
  min: 1,
  max: 64,
  pattern: /^[!-~]+$/,
  format: "the `next_cursor` of a page",
}).describe("the `next_cursor` of the page before");

/** That of the library's policies, where no `max_delay` is given. */
const LONGEST_BACKOFF_MS = 3_600_000;

const backoffSchema = object(
  {},
  {
    strategy: oneOf("exponential", "linear", "constant").describe("exponential by default"),
    initial_delay: durationSchema.describe("before the first retry"),
    max_delay: durationSchema,
    multiplier: number({ min: 1, max: 1000 }).describe("of exponential, for each further delay; 2 by default"),
  },
);

/** A job to be enqueued, as GopherQueue's clients ask for it; `topic`, `weight`, `origin`, `expires`, `limit` are ours. */
export const submissionSchema = object(
  { type: nameSchema.describe("which handler runs it") },
  {
    topic: nameSchema.describe("by default that of the definition that the server knows of the type, or the type"),
    payload: anything,
    priority: integer({ min: 0, max: 4 }).describe("0 critical, 1 high, 2 normal, 3 low, 4 bulk; 2 by default"),
    weight: integer({ min: -32_768, max: 32_767 }).describe("lower runs first; instead of priority"),
    delay: durationSchema.describe("not before so long from now"),
    scheduled_at: string({ format: "date-time" }).describe("not before this instant; instead of delay"),
    timeout: durationSchema.describe("how long an attempt may take; then it has failed"),
    max_attempts: integer({ min: 1, max: 1_000_001 }),
    idempotency_key: string({ max: 255 }).describe("as long as a job with this key is kept, it is the one submitted"),
    correlation_id: string({ max: 255 }).describe("what the job is about, across systems"),
    origin: string({ max: 255 }).describe("where it comes from, for people"),
    tags: map(nameSchema, 32),
    depends_on: array(string({ min: 1, max: 255 }), { max: 1000 }).describe("ids of jobs that have to end first"),
    expires: durationSchema.describe("time to live: not handed out so long from now, or later"),
    limit: object({ key: nameSchema, concurrency: integer({ min: 1, max: 10_000 }) }).describe(
      "at most so many of the key at once",
    ),
    backoff: backoffSchema,
  },
).named("Submission");

/** A job to be enqueued, as it came over the wire. */
export type Submission = Infer<typeof submissionSchema>;

/** What the service is asked for. */
export interface Enqueueing {
  readonly type: string;
  /** What it says itself; else its definition says it, or it is the type. */
  readonly topic: string | undefined;
  readonly payload: unknown;
  readonly options: Omit<EnqueueOptions, "within"> & { readonly after?: readonly JobId[] | undefined };
}

/**
 * Turns what came over the wire into what the service takes. Empty strings are as good as left out, as they are in Go.
 * @param at names the place of the submission in faults, as `jobs[3].`
 * @throws {Fault} validation_failed
 */
export function enqueueingOf(submission: Submission, at = ""): Enqueueing {
  const { type, topic, payload, max_attempts: attempts, idempotency_key: key, depends_on: after } = submission;
  const ms = (name: "delay" | "timeout" | "expires"): number | undefined => msOf(submission[name], `${at}${name}`);
  const { priority, scheduled_at: start, delay } = submission;
  const timeoutMs = ms("timeout");
  if (priority !== undefined && submission.weight !== undefined) {
    throw invalid(`${at}weight`, `${at}weight must be left out when priority is given`);
  }
  if (start && delay) throw invalid(`${at}scheduled_at`, `${at}scheduled_at must be left out when delay is given`);
  return {
    type,
    topic,
    payload,
    options: {
      weight: priority === undefined ? submission.weight : PRIORITY_WEIGHTS[priority],
      delay: ms("delay"),
      at: start ? timestampOf(start, `${at}scheduled_at`) : undefined,
      ...(timeoutMs !== undefined && attemptTimeout(timeoutMs)),
      expires: ms("expires"),
      maxRetries: attempts === undefined ? undefined : attempts - 1,
      unique: key ? { key, while: "kept" } : undefined,
      after,
      limit: submission.limit,
      origin: submission.origin || undefined,
      correlationId: submission.correlation_id || undefined,
      tags: submission.tags,
      ...backoffOf(submission.backoff, `${at}backoff.`),
    },
  };
}

function backoffOf(backoff: Submission["backoff"], at: string): Pick<EnqueueOptions, "backoff" | "retry"> {
  if (!backoff) return {};
  const { strategy = "exponential", initial_delay: initial, max_delay: most, multiplier: factor = 2 } = backoff;
  const min = msOf(initial, `${at}initial_delay`);
  const max = msOf(most, `${at}max_delay`);
  if (strategy === "exponential" && factor === 2) return { backoff: { min, max } };
  if (min === undefined) {
    const of = strategy === "exponential" ? "an exponential backoff with a multiplier" : `a ${strategy} backoff`;
    throw invalid(`${at}initial_delay`, `${at}initial_delay must be given for ${of}`);
  }
  if (strategy === "constant") return { backoff: { min, max: min } };
  const within = { min, max: max ?? Math.max(min, LONGEST_BACKOFF_MS) };
  if (within.max < min) throw invalid(`${at}max_delay`, `${at}max_delay must be no shorter than initial_delay`);
  return { retry: strategy === "linear" ? linear(within) : exponential({ ...within, factor }) };
}

function msOf(text: string | undefined, field: string): number | undefined {
  return text ? goDurationMs(text, field) : undefined;
}
