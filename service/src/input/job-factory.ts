import { checkOptions, durationMs, type Job, type NewId, outOfRange, type Timestamp, wrongType } from "@jobq/core";
import { checkName, checkType } from "./check.ts";
import { ENQUEUE_OPTIONS, type EnqueueOptions } from "./enqueue-options.ts";
import { type JobSettings, jobSettings } from "./job-defaults.ts";
import type { PayloadCodec } from "./payload-codec.ts";
import { checkTags } from "./tags.ts";
import type { TopicNames } from "./topic-names.ts";

/** A job that somebody asks for. */
export interface JobRequest {
  readonly topic: string;
  readonly payload: unknown;
  readonly options?: Omit<EnqueueOptions, "within"> | undefined;
}

/** What jobs are made with. */
export interface JobFactoryOptions {
  readonly topicNames: TopicNames;
  readonly codec: PayloadCodec;
  readonly newId: NewId;
  /** For jobs that do not say otherwise. */
  readonly defaults: JobSettings;
}

const JOB_REQUEST = { topic: true, payload: true, options: true } as const;
const NO_OPTIONS: EnqueueOptions = {};

/** Makes the jobs that users ask for, checked whole, before anything is written. */
export class JobFactory {
  readonly #options: JobFactoryOptions;

  constructor(options: JobFactoryOptions) {
    this.#options = options;
  }

  /**
   * A new job, not stored yet.
   * @throws {TypeError | RangeError} an argument that means nothing
   * @throws {JobqError} PAYLOAD_INVALID, PAYLOAD_TOO_LARGE
   */
  create(topic: string, payload: unknown, options: EnqueueOptions | undefined, now: Timestamp): Job {
    const { topicNames, newId, codec, defaults } = this.#options;
    topicNames.check(topic);
    const text = codec.encode(payload, "payload");
    checkOptions(options, ENQUEUE_OPTIONS);
    const own = options ? jobSettings(options, defaults) : defaults;
    const { name, unique, tags } = options ?? NO_OPTIONS;
    const runAt = options && runAtOf(options, now);
    // Every field is named, in one order, so that all jobs are of one shape to the engine.
    return {
      id: newId(now),
      topic,
      name: name === undefined ? topic : checkName(name, "name"),
      weight: own.weight,
      createdAt: now,
      maxRetries: own.maxRetries,
      maxLeaseLosses: own.maxLeaseLosses,
      timeoutMs: own.timeoutMs,
      expiresAt: undefined,
      unique: unique === undefined ? undefined : checkName(unique, "unique"),
      uniqueSpan: undefined,
      tags: tags === undefined ? undefined : checkTags(tags),
      parent: undefined,
      group: undefined,
      limit: undefined,
      data: own.data,
      state: runAt === undefined ? "ready" : "delayed",
      token: 0,
      attempt: 0,
      leaseLosses: 0,
      resetCount: 0,
      runAt,
      blockers: undefined,
      awaits: undefined,
      woken: undefined,
      slot: undefined,
      links: undefined,
      leaseUntil: undefined,
      reservedAt: undefined,
      reservedBy: undefined,
      finishedAt: undefined,
      reason: undefined,
      error: undefined,
      progress: undefined,
      payload: text,
      result: undefined,
    };
  }

  /** Several new jobs, none of them stored yet; throws as {@link create} does. */
  createMany(requests: readonly JobRequest[], now: Timestamp): Job[] {
    // Unlike map, this does not pass over holes.
    return Array.from(requests, (request) => {
      checkOptions(checkType(request, "object", "a request"), JOB_REQUEST, "a request");
      const { topic, payload, options } = request;
      const within = (options as EnqueueOptions | undefined)?.within;
      if (within !== undefined) throw wrongType("within", "an option of the call, not of one request", within);
      return this.create(topic, payload, options, now);
    });
  }
}

/** The instant before which the job does not run; undefined when that has come. */
function runAtOf({ delay, at }: EnqueueOptions, now: Timestamp): Timestamp | undefined {
  const instant = at === undefined ? now + (delay === undefined ? 0 : durationMs(delay, "delay")) : instantOf(at);
  if (at !== undefined && delay !== undefined) throw wrongType("at", "left out when delay is given", at);
  return instant > now ? instant : undefined;
}

function instantOf(at: Date | Timestamp): Timestamp {
  const instant = at instanceof Date ? at.getTime() : at;
  if (typeof instant !== "number") throw wrongType("at", "a Date or epoch milliseconds", at);
  if (Number.isSafeInteger(instant) && instant >= 0 && instant <= 8.64e15) return instant;
  throw outOfRange("at", "an instant after 1970", at);
}
