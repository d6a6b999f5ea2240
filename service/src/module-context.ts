import type {
  ChangeType,
  Clock,
  Job,
  JobHead,
  JobId,
  JobRepository,
  NewId,
  Timestamp,
  TopicRepository,
  Unit,
  UnitOutcome,
} from "@jobq/core";
import type { InsertPlan, JobPlan } from "./enqueue/job-plan.ts";
import type { EnqueueCall, EnqueueMiddleware, StoreCalls } from "./enqueue/wrapped-enqueuer.ts";
import type { OnEndFound } from "./events/ends-elsewhere.ts";
import type { ModuleEvent, ModuleEventType } from "./events/events.ts";
import type { OnStored, WantsStored } from "./events/stored-hook.ts";
import type { EnqueueOptions } from "./input/enqueue-options.ts";
import type { JobSettings } from "./input/job-defaults.ts";
import type { NameOf } from "./input/named-error.ts";
import type { HandlerInfo } from "./operating/handler-info.ts";
import type { Report } from "./report.ts";
import type { ReservedJob } from "./reserve/reserved-job.ts";
import type { EnqueueReceipt } from "./service-options.ts";
import type { Stop } from "./stop-hooks.ts";
import type { UnitExtension } from "./store/unit-extension.ts";
import type { WritesWithin } from "./store/writes.ts";

/** The reading half of a job repository. */
export type JobReader = Omit<JobRepository, "commit" | "clock" | "close">;

/** The reading half of a topic repository. */
export type TopicReader = Pick<TopicRepository, "capabilities" | "topics">;

/** What a module gets from a service. */
export interface ModuleContext {
  readonly jobs: JobReader;
  readonly topics: TopicReader;
  /** The store's time; `now` of the context also waits until it is known. */
  readonly clock: Clock;
  readonly newId: NewId;
  /** Returns a number from 0 up to 1; tests may fix it. */
  readonly random: () => number;
  /** The defaults of jobs. */
  readonly defaults: JobSettings;

  /**
   * Returns the store's time, once it is known.
   * @throws {JobqError} CLOSED
   */
  now(): Promise<Timestamp>;

  /**
   * Encodes a value with the codec of the service, and checks its size.
   * @throws {JobqError} PAYLOAD_INVALID, PAYLOAD_TOO_LARGE
   */
  encode(value: unknown, what?: "payload" | "result"): string;

  /**
   * Decodes a stored string.
   * @throws {JobqError} PAYLOAD_INVALID, DECRYPTION_FAILED
   */
  decode(text: string): unknown;

  /** Encodes the text of an error for a job, if the codec encodes errors. */
  encodeError(text: string): string;

  /** Decodes the text of an error of a job; returns it unchanged if it cannot be decoded. */
  decodeError(text: string | undefined): string | undefined;

  /**
   * Makes a checked job as `enqueue` would store it, for a unit.
   * @throws {TypeError | RangeError | JobqError} as `enqueue` does
   */
  newJob(topic: string, payload: unknown, options: EnqueueOptions | undefined, now: Timestamp): Job;

  /**
   * Plans several jobs as `enqueueMany` would store them, with what they wait for; for {@link insert}.
   * @param nameOf how errors name each call; `requests[0]` and so on
   * @throws {TypeError | RangeError | JobqError} as `enqueueMany` does
   */
  plan(calls: readonly EnqueueCall[], now: Timestamp, nameOf?: NameOf): JobPlan[];

  /**
   * Stores the jobs that `make` plans in one unit, with links and unique keys as `enqueueMany` does. A number in
   * `after` is the position of another plan.
   * @throws {JobqError} JOB_NOT_FOUND, INVALID_STATE if a guard fails, CLOSED, STORE_FAILED
   */
  insert(make: (now: Timestamp) => InsertPlan, within?: object): Promise<EnqueueReceipt[]>;

  /**
   * Stores a unit, together with units of other callers, and tells listeners. A refusal is an outcome. For jobs that
   * the unit removes, listeners are told only of those in `heads`.
   * @throws {JobqError} CLOSED, STORE_FAILED, OUTCOME_UNKNOWN
   */
  commit(unit: Unit, heads?: readonly JobHead[]): Promise<UnitOutcome>;

  /**
   * Returns writes that take effect if the user's transaction commits.
   * @throws {TypeError} not a transaction of the store's database
   */
  within(transaction: object): WritesWithin;

  /**
   * Returns the handle of a reservation that is held elsewhere, by the id of its job and its token. A server uses it to
   * settle jobs of remote workers.
   * @param doing the change that the handle is for, which an error has as `details.doing`; `extend` by default
   * @throws {JobqError} LEASE_LOST, PAYLOAD_INVALID, DECRYPTION_FAILED, CLOSED
   */
  reservation(id: JobId, token: number, doing?: ChangeType): Promise<ReservedJob>;

  /** Hands a job that `reserve` returned to a holder elsewhere: `close` neither waits for it nor gives it back. */
  letGo(job: ReservedJob): void;

  /** Announces what a worker of this process runs, until the returned function is called. */
  handles(info: HandlerInfo): () => void;

  /** What the workers of this process run. */
  readonly handlers: Iterable<HandlerInfo>;

  /** Reports a background failure as an `error` event. */
  readonly report: Report;

  /** Emits an event of the module to the listeners of the service. */
  emit(event: ModuleEvent): void;

  /**
   * Calls `hook` after changes were stored through this service, until the returned function is called. `wants` selects
   * the changes, by default all; a change that is not selected costs almost nothing.
   */
  onStored(hook: OnStored, wants?: WantsStored): () => void;

  /**
   * Calls `hook` with jobs that ended in other processes, while there is a listener for events of these types or a
   * stream of what happens everywhere. It may be called more than once for an end, also for one of this process.
   */
  onEndElsewhere(hook: OnEndFound, types: readonly ModuleEventType[]): void;

  /**
   * Extends the units that insert or settle jobs, until the returned function is called.
   * @throws {TypeError} not an extension
   */
  extendUnit(extension: UnitExtension): () => void;

  /** Passes every new job through `middleware`, until the returned function is called. */
  aroundEnqueue(middleware: EnqueueMiddleware): () => void;

  /**
   * Passes calls through the middleware, and lets `store` store the result. Resolves with an id for each call.
   * `callsOf` makes calls from requests. If the calls have `partOf`, the middleware must pass on as many as it got.
   * @throws {TypeError} a middleware passed on fewer or more calls with `partOf`, or returned values that are not ids
   */
  throughMiddleware(calls: readonly EnqueueCall[], store: StoreCalls): Promise<readonly JobId[]>;

  /**
   * Resolves when nothing is left to do here of what follows when jobs end: those that wait for them, for their group or
   * for their slot are ready then.
   */
  followedUp(): Promise<void>;

  /** Calls `stop` when the service begins to close, unless the returned function is called before. */
  onClose(stop: Stop): () => void;
}
