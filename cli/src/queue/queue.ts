import type { Duration, JobHead, JobId, Tally, TopicInfo } from "@jobq/core";
import type { EventsOptions, ScheduleDetails, ScheduleInfo } from "@jobq/server/client";
import type {
  Attempt,
  EnqueueOptions,
  EnqueueReceipt,
  Explanation,
  FindOptions,
  JobEnding,
  JobEvent,
  JobRecord,
  JobService,
  LogLine,
  PurgeOptions,
} from "@jobq/service";
import type { BundleRecord } from "@jobq/service/bundle";
import type { EnqueueDefinition } from "@jobq/service/module";
import type { HistoryStep, ListRunsOptions, RunHead, RunState } from "@jobq/service/workflow";

/** A job to submit. */
export interface Submission {
  readonly type: string;
  /** By default that of the definition, or else the type. */
  readonly topic: string | undefined;
  readonly payload: unknown;
  readonly options: Omit<EnqueueOptions, "within">;
}

/** What commands do with a queue, behind a server or straight on a store. */
export interface Queue {
  get(id: JobId): Promise<JobRecord | undefined>;
  status(id: JobId): Promise<JobHead | undefined>;
  find(options: FindOptions): Promise<readonly JobHead[]>;
  logs(id: JobId): Promise<readonly LogLine[]>;
  attempts(id: JobId): Promise<readonly Attempt[]>;
  explain(id: JobId): Promise<Explanation | undefined>;
  cancel(id: JobId, reason?: string): Promise<void>;
  reset(id: JobId): Promise<void>;
  remove(id: JobId): Promise<void>;
  purge(options: PurgeOptions): Promise<number>;
  topics(): Promise<readonly TopicInfo[]>;
  tally(): Promise<readonly Tally[]>;
  pause(topic: string): Promise<void>;
  resume(topic: string): Promise<void>;
  result(id: JobId, options: { readonly timeout?: Duration; readonly signal?: AbortSignal }): Promise<JobEnding>;
}

/** What commands do with schedules; triggering one resolves with the id of its job. */
export interface ScheduleActions {
  list(): Promise<readonly ScheduleInfo[]>;
  get(name: string): Promise<ScheduleDetails | undefined>;
  pause(name: string): Promise<unknown>;
  resume(name: string): Promise<unknown>;
  trigger(name: string): Promise<unknown>;
  remove(name: string): Promise<unknown>;
}

/** What commands do with the runs of workflows. */
export interface WorkflowActions {
  list(options: ListRunsOptions): Promise<readonly RunHead[]>;
  get(id: JobId): Promise<RunState | undefined>;
  history(id: JobId): Promise<{ readonly steps: readonly QueuedStep[] } | undefined>;
  signal(id: JobId, name: string, value?: unknown): Promise<void>;
  cancel(id: JobId, reason?: string): Promise<void>;
}

/** A step of a run as commands show it. */
export type QueuedStep = Omit<HistoryStep, "id" | "value" | "size" | "durationMs">;

/** Which bundles to list. */
export interface BundleFilter {
  readonly name?: string | undefined;
  readonly live?: true | undefined;
  readonly before?: JobId | undefined;
  readonly limit: number;
}

/** What commands do with bundles. */
export interface BundleActions {
  /** The newest first, with their counts. */
  list(filter: BundleFilter): Promise<readonly BundleRecord[]>;
  get(id: JobId): Promise<BundleRecord | undefined>;
  cancel(id: JobId): Promise<void>;
}

/** A queue that a command has opened. */
export interface OpenedQueue {
  readonly queue: Queue;
  /** Stores jobs, all or none, as their definitions have them: those that the server knows, or those given here. */
  submit(
    submissions: readonly Submission[],
    definitions: readonly EnqueueDefinition<never>[],
  ): Promise<readonly EnqueueReceipt[]>;
  readonly schedules: ScheduleActions;
  readonly workflows: WorkflowActions;
  readonly bundles: BundleActions;
  /** The events of a server; undefined on a store, where events of other processes are not heard. */
  readonly events: ((options: EventsOptions) => AsyncIterable<JobEvent>) | undefined;
  /** The service over a store; undefined behind a server. */
  readonly service: JobService | undefined;
}

/** A queue straight on a store. */
export interface OpenedService extends OpenedQueue {
  readonly service: JobService;
}
