import type {
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
import type { ModuleEvent } from "./events/events.ts";
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

/** What a module stands on: the smallest set that modules share. Everything else is its own. */
export interface ModuleContext {
  readonly jobs: JobReader;
  readonly topics: TopicReader;
  /** The store's time; `now` of the context also waits until it is known. */
  readonly clock: Clock;
  readonly newId: NewId;
  /** Returns from 0 up to 1; a test's may be fixed. */
  readonly random: () => number;
  /** What jobs take that do not say otherwise. */
  readonly defaults: JobSettings;

  /**
   * The time, once the store's clock has found it.
   * @throws {JobqError} CLOSED
   */
  now(): Promise<Timestamp>;

  /**
   * A value as the string that is stored, by the codec of the service.
   * @throws {JobqError} PAYLOAD_INVALID, PAYLOAD_TOO_LARGE
   */
  encode(value: unknown, what?: "payload" | "result"): string;

  /**
   * The value of a stored string.
   * @throws {JobqError} PAYLOAD_INVALID
   */
  decode(text: string): unknown;

  /** The text of an error as it is kept with a job, by the codec of the service. */
  encodeError(text: string): string;

  /** The text of an error that is kept with a job; as it is kept, where it does not decode. */
  decodeError(text: string | undefined): string | undefined;

  /**
   * A job as `enqueue` would store it, checked but not stored: for units.
   * @throws {TypeError | RangeError | JobqError} as `enqueue` does
   */
  newJob(topic: string, payload: unknown, options: EnqueueOptions | undefined, now: Timestamp): Job;

  /**
   * Several jobs as `enqueueMany` would store them, with what they wait for; for {@link insert}.
   * @param nameOf how errors name each call; `requests[0]` and so on
   * @throws {TypeError | RangeError | JobqError} as `enqueueMany` does
   */
  plan(calls: readonly EnqueueCall[], now: Timestamp, nameOf?: NameOf): JobPlan[];

  /**
   * Stores what `make` plans in one unit, with links and by the rules of unique keys as `enqueueMany` does. A number in
   * what a job waits for is a place among the plans.
   * @throws {JobqError} JOB_NOT_FOUND, INVALID_STATE a guard does not hold, CLOSED, STORE_FAILED
   */
  insert(make: (now: Timestamp) => InsertPlan, within?: object): Promise<EnqueueReceipt[]>;

  /**
   * Stores a unit, together with those of others, and tells listeners what it did; a refusal is an outcome. Of the jobs
   * that it removes, those in `heads` are told of.
   * @throws {JobqError} CLOSED, STORE_FAILED, OUTCOME_UNKNOWN
   */
  commit(unit: Unit, heads?: readonly JobHead[]): Promise<UnitOutcome>;

  /**
   * Writes that are there if the user's transaction commits.
   * @throws {TypeError} not a transaction of the store's database
   */
  within(transaction: object): WritesWithin;

  /**
   * The handle of a reservation that is kept elsewhere, by the id of its job and its token: what a server needs to settle
   * what others hold. It settles as any other does, with what modules add to that.
   * @throws {JobqError} LEASE_LOST, PAYLOAD_INVALID, CLOSED
   */
  reservation(id: JobId, token: number): Promise<ReservedJob>;

  /** Leaves a job that `reserve` returned to a holder elsewhere: the close neither waits for it nor gives it back. */
  letGo(job: ReservedJob): void;

  /** Has others know what a worker of this process runs, until the function that is returned is called. */
  handles(info: HandlerInfo): () => void;

  /** What the workers of this process run. */
  readonly handlers: Iterable<HandlerInfo>;

  /** Makes a failure in the background an `error` event. */
  readonly report: Report;

  /** Has the listeners of the service hear of an event of the module. */
  emit(event: ModuleEvent): void;

  /**
   * Has `hook` told of what was stored through this service, by whichever call or by time, until the function that is
   * returned is called. `wants` picks of what, by default of everything; what is not wanted costs next to nothing.
   */
  onStored(hook: OnStored, wants?: WantsStored): () => void;

  /**
   * Has the units that insert or settle jobs extended, until the function that is returned is called.
   * @throws {TypeError} not an extension
   */
  extendUnit(extension: UnitExtension): () => void;

  /** Has every new job go through `middleware`, until the function that is returned is called. */
  aroundEnqueue(middleware: EnqueueMiddleware): () => void;

  /**
   * Has calls go through the middleware, and `store` store what comes out; resolves with an id for each. What `callsOf`
   * makes of requests are calls; those with `partOf` set are stored whatever the middleware does, or the call rejects.
   * @throws {TypeError} a middleware that passes on fewer or more of those, or whose ids are none
   */
  throughMiddleware(calls: readonly EnqueueCall[], store: StoreCalls): Promise<readonly JobId[]>;

  /** Has `stop` called when the service begins to close, unless the function that is returned is called before. */
  onClose(stop: Stop): () => void;
}
