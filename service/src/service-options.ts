import type { Duration, JobHead, JobId, JobRepository, NewId, Timestamp, TopicRepository } from "@jobq/core";
import type { Codec } from "./input/codec.ts";
import type { EnqueueOptions } from "./input/enqueue-options.ts";
import type { JobDefaults } from "./input/job-defaults.ts";
import type { DefinedRequest, EnqueueDefinition } from "./input/job-definition.ts";

/** The payload that each topic carries. */
export type TopicMap = object;
/** The name of one of the topics. */
export type TopicName<Topics> = keyof Topics & string;

/** The arguments of `enqueue` after the topic; the payload is optional if its type allows undefined. */
export type EnqueueArguments<Payload> = undefined extends Payload
  ? [payload?: Payload, options?: EnqueueOptions | undefined]
  : [payload: Payload, options?: EnqueueOptions | undefined];

/** The options of `createService`. */
export interface ServiceOptions<Topics extends TopicMap = Record<string, unknown>> {
  /** Stores the jobs. The service closes it. */
  readonly jobs: JobRepository;
  /** Decides which job comes next. The service closes it. */
  readonly topics: TopicRepository;
  /** Throw unless both repositories share one store and fuse, so that each step is atomic; false. */
  readonly fused?: boolean | undefined;
  /** Defaults for the options of jobs. */
  readonly defaults?: JobDefaults | undefined;
  /** The only topic names that are allowed, besides those of modules; by default any. */
  readonly topicNames?: readonly TopicName<Topics>[] | undefined;
  /** Turns payloads and results into strings and back; JSON. */
  readonly codec?: Codec | undefined;
  /** The largest encoded payload or result, in bytes of UTF-8; 1 MiB, at most 1 GiB. */
  readonly payloadLimit?: number | undefined;
  /** On stores that other processes use too: the longest time between two looks of a waiting call; 2 seconds. */
  readonly pollInterval?: Duration | undefined;
  /** On stores that other processes use too: how often the service looks for lost entries; 10 minutes. */
  readonly recoveryInterval?: Duration | undefined;
  /** On SQL: how long a write is retried while an open transaction locks its job or key; 10 seconds. */
  readonly lockTimeout?: Duration | undefined;
  /**
   * How long jobs are kept after they were done or canceled; for ever by default. With `done: 0` a job is deleted in the
   * write that completes it, with its result.
   */
  readonly keep?: { readonly done?: Duration | undefined; readonly canceled?: Duration | undefined } | undefined;
  /**
   * Look in the background for due jobs, ended leases and lost entries; true. Set it to false for a service that only
   * reads, for example on a standby. A service that writes or reserves does this work anyway.
   */
  readonly maintenance?: boolean | undefined;
  /** Returns a number from 0 up to 1 that spreads the back-off; Math.random. */
  readonly random?: (() => number) | undefined;
  /** Makes the ids, which must sort in the order in which they are made; by default UUIDv7. */
  readonly newId?: NewId | undefined;
}

/** A request of `enqueueMany`, on this topic. */
export interface TopicRequest<Topics extends TopicMap, T extends TopicName<Topics>> {
  readonly topic: T;
  readonly payload: Topics[T];
  readonly options?: Omit<EnqueueOptions, "within"> | undefined;
}

/** A request of `enqueueMany`, where `By` is its topic or its definition. */
export type RequestBy<Topics extends TopicMap, By> =
  By extends TopicName<Topics>
    ? Omit<TopicRequest<Topics, By>, never>
    : By extends EnqueueDefinition<infer Payload>
      ? DefinedRequest<Payload> & { readonly job: By }
      : never;

/** A request of `enqueueMany`, on any topic. */
export type EnqueueRequest<Topics extends TopicMap> = {
  [T in TopicName<Topics>]: TopicRequest<Topics, T>;
}[TopicName<Topics>];

/** The id of a job that was enqueued or, with `duplicate`, of the job that already holds its unique key. */
export interface EnqueueReceipt {
  readonly id: JobId;
  readonly duplicate: boolean;
}

/** A job with its payload and result decoded. */
export interface JobRecord extends JobHead {
  readonly payload: unknown;
  readonly result?: unknown;
  /** Where it comes from, as enqueued; for a dead letter, the id of the job that failed. */
  readonly origin?: string | undefined;
  /** What it belongs to in other systems, as enqueued. */
  readonly correlationId?: string | undefined;
}

/** A line that a holder logged. */
export interface LogLine {
  readonly at: Timestamp;
  readonly line: string;
}
