import {
  checkInteger,
  checkOptions,
  checkText,
  copyJob,
  durationMs,
  type Job,
  MAX_DATA_LENGTH,
  type NewId,
  outOfRange,
  type Timestamp,
  wrongType,
} from "@jobq/core";
import type { JobPlan } from "../enqueue/job-plan.ts";
import type { EnqueueCall } from "../enqueue/wrapped-enqueuer.ts";
import { waitsOf } from "./after-option.ts";
import { checkName, checkType } from "./check.ts";
import { ENQUEUE_OPTIONS, type EnqueueOptions } from "./enqueue-options.ts";
import { dataAdded, encodeJobData, jobData, type ModuleData } from "./job-data.ts";
import { type JobSettings, jobSettings } from "./job-defaults.ts";
import type { EnqueueDefinition } from "./job-definition.ts";
import { checkLimit } from "./limit-option.ts";
import { type NameOf, named, requestName } from "./named-error.ts";
import type { PayloadCodec } from "./payload-codec.ts";
import { checkTags } from "./tags.ts";
import { checkOwnTopic, type TopicNames } from "./topic-names.ts";
import { uniqueRule } from "./unique-option.ts";

/** What jobs are made with. */
export interface JobFactoryOptions {
  readonly topicNames: TopicNames;
  readonly codec: PayloadCodec;
  readonly newId: NewId;
  /** For jobs that do not say otherwise. */
  readonly defaults: JobSettings;
}

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
    const { name, tags, expires, limit } = options ?? NO_OPTIONS;
    const unique = options?.unique === undefined ? undefined : uniqueRule(options.unique);
    const runAt = options && runAtOf(options, now);
    // Every field is named, in the order of copyJob, so that jobs are of few shapes to the engine.
    const job: Job = {
      id: newId(now),
      topic,
      name: name === undefined ? topic : checkName(name, "name"),
      weight: own.weight,
      createdAt: now,
      maxRetries: own.maxRetries,
      maxLeaseLosses: own.maxLeaseLosses,
      timeoutMs: own.timeoutMs,
      unique: unique?.key,
      tags: tags === undefined ? undefined : checkTags(tags),
      data: options ? dataOf(options, own.data) : own.data,
      state: runAt === undefined && limit === undefined ? "ready" : "delayed",
      token: 0,
      attempt: 0,
      leaseLosses: 0,
      resetCount: 0,
      runAt,
      blockers: undefined,
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
    // Its end is told to the dead-letter topic as to anybody who waits for it.
    const links = own.deadLetter === undefined ? undefined : 1;
    if (expires === undefined && limit === undefined && unique?.span === undefined && links === undefined) return job;
    return copyJob({
      ...job,
      expiresAt: expires === undefined ? undefined : now + durationMs(expires, "expires"),
      uniqueSpan: unique?.span,
      limit: limit === undefined ? undefined : checkLimit(limit),
      links,
    });
  }

  /**
   * A new job with what it waits for and the rule of its key.
   * @param places how many requests a number in `after` can stand for
   */
  plan({ topic, payload, options, job: definition, partOf }: EnqueueCall, now: Timestamp, places = 0): JobPlan {
    if (partOf === undefined) checkOwnTopic(topic);
    const job = this.create(topic, payload, options, now);
    const { after, unique } = options ?? NO_OPTIONS;
    return {
      job: definition ? ofKind(job, definition) : job,
      waits: after === undefined ? undefined : waitsOf(after, places),
      unique: unique === undefined || typeof unique === "string" ? undefined : uniqueRule(unique),
    };
  }

  /** Several new jobs, none of them stored yet; throws as {@link create} does, with the name of the call. */
  planMany(calls: readonly EnqueueCall[], now: Timestamp, nameOf: NameOf = requestName): JobPlan[] {
    return calls.map((call, place) => named(nameOf, place, () => this.#planOne(call, now, calls.length)));
  }

  #planOne(call: EnqueueCall, now: Timestamp, places: number): JobPlan {
    const within = call.options?.within;
    if (within !== undefined) throw wrongType("within", "an option of the call, not of one request", within);
    const plan = this.plan(call, now, places);
    const { onConflict = "return", forMs = Infinity } = plan.unique ?? {};
    if (onConflict !== "return") throw wrongType("unique.onConflict", "return where many are enqueued", onConflict);
    if (forMs !== Infinity) throw wrongType("unique.for", "left out where many are enqueued", forMs);
    return plan;
  }
}

/** The job with what the module of its definition keeps with it. */
function ofKind(job: Job, { data, group }: EnqueueDefinition): Job {
  return data === undefined && group === undefined ? job : { ...dataAdded(job, data), group };
}

/** What is kept with the job beside what the store knows. */
function dataOf(
  { origin, correlationId, data: more }: EnqueueOptions,
  settings: string | undefined,
): string | undefined {
  if (origin === undefined && correlationId === undefined && more === undefined) return settings;
  const data = encodeJobData({
    ...jobData({ data: settings }),
    ...(more && checkData(more)),
    origin: origin === undefined ? undefined : checkName(origin, "origin"),
    correlationId: correlationId === undefined ? undefined : checkName(correlationId, "correlationId"),
  });
  return data === undefined ? undefined : checkText(data, "what is kept with the job", MAX_DATA_LENGTH);
}

/** @throws {TypeError | RangeError} a key that could be the service's own */
function checkData(data: ModuleData): ModuleData {
  for (const key of Object.keys(checkType(data, "object", "data")))
    if (!key.includes(".")) throw outOfRange("data", "keys with a dot in their names", key);
  return data;
}

/** The instant before which the job does not run; undefined when that has come. */
function runAtOf({ delay, at }: EnqueueOptions, now: Timestamp): Timestamp | undefined {
  const instant = at === undefined ? now + (delay === undefined ? 0 : durationMs(delay, "delay")) : instantOf(at);
  if (at !== undefined && delay !== undefined) throw wrongType("at", "left out when delay is given", at);
  return instant > now ? instant : undefined;
}

function instantOf(at: Date | Timestamp): Timestamp {
  const instant = at instanceof Date ? at.getTime() : at;
  if (typeof instant === "number") return checkInteger(instant, "at", 0, 8.64e15);
  throw wrongType("at", "a Date or epoch ms", at);
}
