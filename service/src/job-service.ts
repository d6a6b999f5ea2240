import {
  type Change,
  checkJobId,
  checkOptions,
  copyHead,
  Deadline,
  type Duration,
  durationMs,
  type Job,
  type JobHead,
  type JobId,
  wrongType,
} from "@jobq/core";
import { ATTEMPT, type Attempt, attemptsOf } from "./attempts.ts";
import { Engine } from "./engine.ts";
import { keepEngine } from "./engines.ts";
import { type EnqueueMiddleware, wrappedEnqueuer } from "./enqueue/wrapped-enqueuer.ts";
import { checkEventType, type EventMap, type Listener, type ModuleEvent, type ServiceEvent } from "./events/events.ts";
import { type EventsOptions, eventsOf } from "./events/everywhere-stream.ts";
import { checkInteger, checkSignal, checkType } from "./input/check.ts";
import type { EnqueueOptions } from "./input/enqueue-options.ts";
import { checkReason } from "./input/error-text.ts";
import { originOf } from "./input/job-data.ts";
import { definedJob, type EnqueueDefinition, isDefinition } from "./input/job-definition.ts";
import { type FindOptions, findQuery } from "./input/job-query.ts";
import { callsOf, type JobRequest } from "./input/job-request.ts";
import { MAX_JOBS_PER_CALL } from "./input/limits.ts";
import { type ReserveOptions, reserveRequest } from "./input/reserve-request.ts";
import { type JobEnding, jobEnding } from "./job-ending.ts";
import { Operations } from "./operating/operations.ts";
import { removeDamaged, removeJob } from "./remove-jobs.ts";
import type { ReservedJob } from "./reserve/reserved-job.ts";
import { resetJob } from "./reset-job.ts";
import type {
  EnqueueArguments,
  EnqueueReceipt,
  JobRecord,
  LogLine,
  RequestBy,
  ServiceOptions,
  TopicMap,
  TopicName,
} from "./service-options.ts";
import { refusalError, requireStored } from "./store/refusal-error.ts";
import { WRITE_OPTIONS, type WriteOptions } from "./store/within.ts";

const RESULT_OPTIONS = { timeout: true, signal: true } as const;
const CLOSE_OPTIONS = { deadline: true } as const;

/**
 * A job queue. Wrong arguments are a `TypeError` or `RangeError`, before anything is stored. Every method that reads or
 * writes rejects with CLOSED once the service is closed, and with STORE_FAILED if the store fails.
 */
export class JobService<Topics extends TopicMap = Record<string, unknown>> extends Operations<Topics> {
  readonly #engine: Engine;

  /** @internal */
  constructor(options: ServiceOptions<Topics>) {
    super();
    this.#engine = new Engine(options as ServiceOptions);
    keepEngine(this, this.#engine);
  }

  /**
   * Adds a job to a topic. Resolves with its id once it is stored, or with the id of the job that already holds its
   * unique key.
   * @throws {JobqError} PAYLOAD_INVALID, PAYLOAD_TOO_LARGE; JOB_NOT_FOUND if a job of `after` does not exist;
   * DUPLICATE_JOB if `unique` asks for it; CLOSED, STORE_FAILED; OUTCOME_UNKNOWN if the connection broke
   */
  enqueue<T extends TopicName<Topics>>(topic: T, ...more: EnqueueArguments<Topics[T]>): Promise<JobId>;
  /**
   * Adds a job with a definition made by `defineJob`, whose options are defaults.
   * @throws {JobqError} the same; PAYLOAD_INVALID also if the schema of the definition refuses the payload
   */
  enqueue<Payload>(definition: EnqueueDefinition<Payload>, ...more: EnqueueArguments<Payload>): Promise<JobId>;
  enqueue(topic: string | EnqueueDefinition, payload?: unknown, options?: EnqueueOptions): Promise<JobId> {
    if (isDefinition(topic)) return this.#enqueueDefined(topic, payload, options);
    return this.#engine.enqueuer.enqueue({ topic, payload, options });
  }

  /**
   * Adds up to 10,000 jobs, by topic or by definition: all of them or none. Resolves with a receipt for each, in the
   * order of the requests.
   * @throws {JobqError} as `enqueue` does
   */
  async enqueueMany<const Keys extends readonly (TopicName<Topics> | EnqueueDefinition<never>)[]>(
    requests: { readonly [I in keyof Keys]: RequestBy<Topics, Keys[I]> },
    options: WriteOptions = {},
  ): Promise<EnqueueReceipt[]> {
    if (!Array.isArray(requests)) throw wrongType("requests", "an array", requests);
    checkOptions(options, WRITE_OPTIONS);
    checkInteger(requests.length, "the number of requests", 0, MAX_JOBS_PER_CALL);
    this.#engine.assertOpen();
    if (requests.length === 0) return [];
    return this.#engine.enqueuer.enqueueMany(callsOf(requests as readonly JobRequest[]), options.within);
  }

  /**
   * Reserves up to `limit` (1, at most 10,000) ready jobs of a topic, in the order in which they run. Without `wait` the
   * result may be empty. With `wait`, the call resolves as soon as there is a job, or with an empty array if none came in
   * time.
   * @throws {JobqError} CLOSED, STORE_FAILED; or the reason of the signal
   */
  async reserve<T extends TopicName<Topics>>(
    topic: T,
    limit = 1,
    options: ReserveOptions = {},
  ): Promise<ReservedJob<Topics[T]>[]> {
    const request = reserveRequest(this.#checkTopic(topic), limit, options);
    const { waitMs } = request;
    const deadline = waitMs > 0 ? new Deadline(this.#engine.clock, waitMs) : undefined;
    const syncing = this.#engine.syncClock();
    await (deadline ? syncing?.catch(() => {}) : syncing); // the claim asks again, and can be tried again
    return (await this.#engine.dispatcher.reserve({ ...request, deadline })) as ReservedJob<Topics[T]>[];
  }

  /**
   * Returns a job with its payload and result decoded; undefined if there is none.
   * @throws {JobqError} PAYLOAD_INVALID, DECRYPTION_FAILED
   */
  async get(id: JobId): Promise<JobRecord | undefined> {
    const job = await this.#read(id);
    const { codec } = this.#engine.settings;
    return (
      job &&
      Object.assign(copyHead(job), originOf(job), {
        error: codec.decodeError(job.error),
        payload: codec.decode(job.payload),
        result: codec.decode(job.result),
      })
    );
  }

  /** Returns a job without payload and result; undefined if there is none. */
  async status(id: JobId): Promise<JobHead | undefined> {
    const job = await this.#read(id);
    return job && Object.assign(copyHead(job), { error: this.#engine.settings.codec.decodeError(job.error) });
  }

  /**
   * Returns the jobs that match every filter, without payloads and results: the first 100, or `limit`; oldest first
   * unless `order` is `newest`. The text of errors is as stored.
   */
  async find(options: FindOptions = {}): Promise<JobHead[]> {
    const query = findQuery(options);
    return (await this.#engine.open()).jobs.find(query);
  }

  /** Returns the log lines of a job, oldest first; none if there is no such job. */
  async logs(id: JobId): Promise<LogLine[]> {
    checkJobId(id);
    const notes = await (await this.#engine.open()).jobs.notes(id, "log");
    return notes.map(({ at, value }) => ({ at, line: value }));
  }

  /**
   * Cancels a job that has not ended. If it is reserved, the signal of its holder aborts. `reason` is stored as its
   * error, cut at 8,192 characters.
   * @throws {JobqError} JOB_NOT_FOUND, INVALID_STATE
   */
  async cancel(id: JobId, reason?: string): Promise<void> {
    const error = checkReason(reason);
    await this.#apply({ type: "cancel", id: checkJobId(id), reason: "canceled", error });
  }

  /**
   * Makes a job that has ended ready again, with all its retries left. A bundle waits for its members again.
   * @throws {JobqError} JOB_NOT_FOUND, INVALID_STATE, DUPLICATE_JOB
   */
  async reset(id: JobId): Promise<void> {
    await resetJob(this.#engine, checkJobId(id));
  }

  /**
   * Returns the attempts of a job, oldest first: the failed ones, and the latest one if it is running or succeeded; none
   * if there is no such job.
   */
  async attempts(id: JobId): Promise<Attempt[]> {
    const job = await this.#read(id);
    return job ? attemptsOf(job, await this.#engine.store.jobs.notes(id, ATTEMPT), this.#engine.settings.codec) : [];
  }

  /**
   * Deletes a job in any state. If it is reserved, its holder loses the reservation.
   * @throws {JobqError} JOB_NOT_FOUND
   */
  async remove(id: JobId): Promise<void> {
    const job = await this.#read(id);
    const wasThere = await (job ? removeJob(this.#engine, job) : removeDamaged(this.#engine, id));
    if (!wasThere) throw refusalError({ code: "JOB_NOT_FOUND", id }, "remove");
  }

  /**
   * Passes all new jobs through `middleware`, until the returned function is called. The middleware that was added
   * first is the outermost. If it throws, the call rejects, and nothing is stored unless it has called `next`.
   */
  use(middleware: EnqueueMiddleware): () => void {
    return wrappedEnqueuer(this.#engine).add(checkType(middleware, "function", "a middleware"));
  }

  /**
   * Calls `listener` for every event of this type that this service causes, until the returned function is called.
   * @throws {RangeError} an unknown type of event
   */
  on<T extends keyof EventMap>(type: T, listener: Listener<EventMap[T]>): () => void;
  /** Does the same for an event of a module. */
  on<E extends ModuleEvent>(type: E["type"], listener: Listener<E>): () => void;
  on(type: string, listener: Listener<never>): () => void {
    return this.#engine.events.on(checkEventType(type), checkType(listener, "function", "a listener"));
  }

  /**
   * Iterates over all events from now on, until the service closes. A reader that is 10,000 events behind loses the
   * oldest.
   */
  events(options: EventsOptions = {}): AsyncIterableIterator<ServiceEvent> {
    return eventsOf(this.#engine, options);
  }

  /**
   * Waits until a job is done, canceled or removed, through short outages of the store.
   * @throws {JobqError} JOB_NOT_FOUND, TIMEOUT, CLOSED, STORE_FAILED; PAYLOAD_INVALID or DECRYPTION_FAILED if the result
   * cannot be decoded; or the reason of the signal
   */
  async result(
    id: JobId,
    options: { readonly timeout?: Duration | undefined; readonly signal?: AbortSignal | undefined } = {},
  ): Promise<JobEnding> {
    checkOptions(options, RESULT_OPTIONS);
    const { timeout, signal } = options;
    const timeoutMs = timeout === undefined ? Infinity : durationMs(timeout, "timeout");
    checkJobId(id);
    checkSignal(signal);
    const deadline = new Deadline(this.#engine.clock, timeoutMs);
    await this.#engine.syncClock()?.catch(() => {}); // the look asks the store, too, and can be tried again
    const job = await this.#engine.completionWaiters.wait(id, { deadline, timeoutMs, signal });
    return jobEnding(job, this.#engine.settings.codec);
  }

  /**
   * Closes the service: accepts no more calls, waits until reserved jobs are settled or `deadline` (30 seconds) has
   * passed, gives the rest back, and closes both repositories, at most 2 seconds after the deadline. A second call can
   * shorten the deadline of the first, and waits for it.
   */
  close(options: { readonly deadline?: Duration | undefined } = {}): Promise<void> {
    checkOptions(options, CLOSE_OPTIONS);
    return this.#engine.close(durationMs(options.deadline ?? "30s", "deadline"));
  }

  /** Closes the service, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #enqueueDefined(
    definition: EnqueueDefinition,
    payload: unknown,
    options: EnqueueOptions | undefined,
  ): Promise<JobId> {
    return this.#engine.enqueuer.enqueue(definedJob(definition, payload, options));
  }

  #checkTopic(topic: string): string {
    return this.#engine.settings.topicNames.check(topic);
  }

  async #read(id: JobId): Promise<Job | undefined> {
    checkJobId(id);
    return (await (await this.#engine.open()).jobs.get([id]))[0];
  }

  async #apply(change: Change): Promise<void> {
    const now = await this.#engine.sync();
    requireStored(await this.#engine.writes.commit({ now, apply: [change] }), change.type);
  }
}
