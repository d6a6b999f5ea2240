import type { Duration, JobHead, JobId, JobRepository, NewId, Timestamp, TopicRepository } from "@jobq/core";
import type { Codec } from "./input/codec.ts";
import type { EnqueueOptions } from "./input/enqueue-options.ts";
import type { JobDefaults } from "./input/job-defaults.ts";
import type { DefinedRequest, EnqueueDefinition } from "./input/job-definition.ts";

/** The payload that each topic carries. */
export type TopicMap = object;
/** The name of one of the topics. */
export type TopicName<Topics> = keyof Topics & string;

/** A payload that may be left out where its type allows undefined. */
export type EnqueueArguments<Payload> = undefined extends Payload
  ? [payload?: Payload, options?: EnqueueOptions | undefined]
  : [payload: Payload, options?: EnqueueOptions | undefined];

/** What a service is made of. */
export interface ServiceOptions<Topics extends TopicMap = Record<string, unknown>> {
  /** The truth about jobs. The service closes it. */
  readonly jobs: JobRepository;
  /** Which job comes next. The service closes it. */
  readonly topics: TopicRepository;
  /** Refuse to start unless the two fuse into one store, where each step is atomic; false. */
  readonly fused?: boolean | undefined;
  /** For jobs that do not say otherwise. */
  readonly defaults?: JobDefaults | undefined;
  /** The only topics there may be; by default any. */
  readonly topicNames?: readonly TopicName<Topics>[] | undefined;
  /** How payloads and results become strings; JSON. */
  readonly codec?: Codec | undefined;
  /** The most bytes an encoded payload or result may take; 1 MiB. */
  readonly payloadLimit?: number | undefined;
  /** The longest that waiting calls go without looking, on stores that other processes use too; 2 seconds. */
  readonly pollInterval?: Duration | undefined;
  /** How often lost entries are looked for, on such stores; 10 minutes. */
  readonly recoveryInterval?: Duration | undefined;
  /** How long a write is tried while an open transaction of somebody's has locked its job or key, on SQL; 10 seconds. */
  readonly lockTimeout?: Duration | undefined;
  /** How long jobs are kept that have ended, by how they did; for ever where nothing is said. */
  readonly keep?: { readonly done?: Duration | undefined; readonly canceled?: Duration | undefined } | undefined;
  /**
   * Look in the background for what time brings: due jobs, ended leases, lost entries; true. False is for a service that
   * only looks at jobs, on a standby say; one that writes or reserves does it all the same.
   */
  readonly maintenance?: boolean | undefined;
  /** Returns a number from 0 up to 1, for the spread of back-off; Math.random. */
  readonly random?: (() => number) | undefined;
  /** Makes the ids; by default UUIDv7. */
  readonly newId?: NewId | undefined;
}

/** One of many jobs to enqueue at once, on this topic. */
export interface TopicRequest<Topics extends TopicMap, T extends TopicName<Topics>> {
  readonly topic: T;
  readonly payload: Topics[T];
  readonly options?: Omit<EnqueueOptions, "within"> | undefined;
}

/** One of many jobs to enqueue at once, where `By` is its topic or its definition. */
export type RequestBy<Topics extends TopicMap, By> =
  By extends TopicName<Topics>
    ? Omit<TopicRequest<Topics, By>, never>
    : By extends EnqueueDefinition<infer Payload>
      ? DefinedRequest<Payload> & { readonly job: By }
      : never;

/** One of many jobs to enqueue at once, on any topic. */
export type EnqueueRequest<Topics extends TopicMap> = {
  [T in TopicName<Topics>]: TopicRequest<Topics, T>;
}[TopicName<Topics>];

/** A job that was enqueued, or the one that holds its unique key. */
export interface EnqueueReceipt {
  readonly id: JobId;
  readonly duplicate: boolean;
}

/** A job as it stands, with its payload and result decoded. */
export interface JobRecord extends JobHead {
  readonly payload: unknown;
  readonly result?: unknown;
  /** Where it comes from, as it was enqueued with; of a dead letter the id of the job that failed. */
  readonly origin?: string | undefined;
  /** What it is about in other systems, as it was enqueued with. */
  readonly correlationId?: string | undefined;
}

/** A line that a holder logged. */
export interface LogLine {
  readonly at: Timestamp;
  readonly line: string;
}
