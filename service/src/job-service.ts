import {
  type Change,
  type Duration,
  durationMs,
  headOf,
  type Job,
  type JobHead,
  type JobId,
  type JobStatus,
  type NewId,
  newId,
  outOfRange,
  type QueueStore,
  storedInserts,
  type Tally,
  type Timestamp,
  type TopicInfo,
  type Unit,
  type UnitOutcome,
  type UnitStored,
  wrongType,
} from "@jobq/core";
import { CompletionWaiters } from "./events/completion-waiters.ts";
import { type EventMap, Events, type Listener, type ServiceEvent } from "./events/events.ts";
import { Notifier } from "./events/notifier.ts";
import {
  checkInteger,
  checkName,
  checkOptions,
  checkSignal,
  checkType,
  closed,
  MAX_JOBS_PER_CALL,
} from "./input/check.ts";
import { jsonCodec, PayloadCodec } from "./input/codec.ts";
import { type FindOptions, findQuery, type PurgeOptions, purgeQuery } from "./input/job-query.ts";
import {
  DEFAULT_JOB_SETTINGS,
  type EnqueueOptions,
  type JobSettings,
  jobSettings,
  leaseMs,
  newJob,
} from "./input/job-request.ts";
import { Dispatcher } from "./reserve/dispatcher.ts";
import { Reservations } from "./reserve/reservations.ts";
import { checkReason, type ReservedJob } from "./reserve/reserved-job.ts";
import type {
  EnqueueArguments,
  EnqueueReceipt,
  EnqueueRequest,
  JobEnding,
  JobRecord,
  LogLine,
  ReserveOptions,
  ServiceOptions,
  TopicMap,
  TopicName,
} from "./service-options.ts";
import { compose } from "./store/compose.ts";
import { GroupCommit } from "./store/group-commit.ts";
import { refusalError, requireStored } from "./store/refusal-error.ts";
import { storeWithin, type WriteOptions } from "./store/within.ts";
import { Maintenance } from "./time/maintenance.ts";

const MEBIBYTE = 1024 * 1024;
const PURGE_PAGE = 1000;

/**
 * Makes a job queue of a job repository and a topic repository.
 * @typeParam Topics the payload of each topic, by its name
 * @throws {TypeError | RangeError} an option that means nothing, a repository that lacks a member of its port
 */
export function createService<Topics extends TopicMap = Record<string, unknown>>(
  options: ServiceOptions<Topics>,
): JobService<Topics> {
  checkType(options, "object", "options");
  return new JobService(options);
}

/** A job queue. Every method that names a job or topic rejects with CLOSED once the service is closed. */
export class JobService<Topics extends TopicMap = Record<string, unknown>> {
  readonly #store: QueueStore;
  readonly #codec: PayloadCodec;
  readonly #settings: JobSettings;
  readonly #topicNames: ReadonlySet<string> | undefined;
  readonly #newId: NewId;
  readonly #events = new Events();
  readonly #notifier: Notifier;
  readonly #commits: GroupCommit;
  readonly #reservations: Reservations;
  readonly #dispatcher: Dispatcher<ReservedJob>;
  readonly #maintenance: Maintenance;
  readonly #completionWaiters: CompletionWaiters;
  readonly #unhearPushes: (() => void) | undefined;
  /** The topic that was checked last: most calls name it again. */
  #lastTopic: string | undefined;
  #synced = false;
  #closing: Promise<void> | undefined;

  /** @internal */
  constructor(options: ServiceOptions<Topics>) {
    const { jobs, topics, topicNames, codec = jsonCodec, random = Math.random } = options;
    this.#settings = jobSettings(options.defaults ?? {}, DEFAULT_JOB_SETTINGS);
    this.#codec = new PayloadCodec(codec, checkInteger(options.payloadLimit ?? MEBIBYTE, "payloadLimit", 1, 2 ** 30));
    const pollInterval = leaseMs(options.pollInterval ?? "2s", "pollInterval");
    const recoveryInterval = leaseMs(options.recoveryInterval ?? "10m", "recoveryInterval");
    this.#topicNames = topicNames && new Set(topicNames.map((topic) => checkName(topic, "topic")));
    this.#newId = options.newId ?? newId;

    const report = (error: unknown, doing: string): void =>
      this.#events.emit({ type: "error", at: clock.now(), error, doing });
    const store = compose(jobs, topics, { fused: options.fused, report });
    const { clock } = jobs;
    const shared = jobs.capabilities.shared || topics.capabilities.shared;
    const pollMs = shared ? pollInterval : undefined;
    this.#store = store;
    this.#completionWaiters = new CompletionWaiters(jobs, pollMs);
    this.#notifier = new Notifier({
      events: this.#events,
      ready: (topic, expected) => this.#dispatcher.wake(topic, expected),
      due: (at) => this.#maintenance.due(at),
      moved: (job, gone) => this.#reservations.moved(job, gone),
      ended: (id) => this.#completionWaiters.ended(id),
    });
    this.#commits = new GroupCommit(async (units) => {
      const outcomes = await store.commit(units);
      for (const [index, outcome] of outcomes.entries()) this.#notifier.stored(units[index] as Unit, outcome);
      return outcomes;
    });
    this.#reservations = new Reservations({
      store,
      commits: this.#commits,
      notifier: this.#notifier,
      codec: this.#codec,
      newId: this.#newId,
      random,
      report,
    });
    this.#dispatcher = new Dispatcher({
      clock,
      by: this.#newId(clock.now()),
      pollMs,
      claim: async (claims) => {
        try {
          await this.#maintenance.catchUp();
          return await this.#reservations.claim(claims);
        } catch (error) {
          this.#maintenance.recoverSoon();
          throw error;
        }
      },
      release: (held) => {
        for (const job of held) job.release().catch((error) => report(error, "giving a job back"));
      },
    });
    this.#maintenance = new Maintenance({
      store,
      notifier: this.#notifier,
      recovered: () => this.#dispatcher.wake(),
      report,
      pollMs,
      recoveryMs: shared ? recoveryInterval : undefined,
    });
    this.#unhearPushes = store.topics.onPush?.(
      (topic) => this.#dispatcher.wake(topic),
      (error) => report(error, "listening to other processes"),
    );
  }

  /**
   * Adds a job to a topic. Resolves, once it is stored, with its id, or with the id of the job that holds its unique key.
   * @throws {JobqError} PAYLOAD_INVALID, PAYLOAD_TOO_LARGE, CLOSED, STORE_FAILED
   */
  enqueue<T extends TopicName<Topics>>(topic: T, ...more: EnqueueArguments<Topics[T]>): Promise<JobId> {
    const payload = more[0];
    const options = more[1];
    const { instant } = this.#store;
    if (!instant || !this.#synced || options?.within !== undefined) return this.#enqueue(topic, payload, options);
    try {
      const now = this.#now();
      const job = this.#newJob(topic, payload, options, now);
      const standIn = instant.insert(job);
      if (standIn === job) this.#notifier.tell(job, "insert", now);
      return Promise.resolve(standIn.id);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Adds jobs, on any topics, all or none; the answers are in the order of the requests. */
  async enqueueMany(
    requests: readonly EnqueueRequest<Topics>[],
    options: WriteOptions = {},
  ): Promise<EnqueueReceipt[]> {
    if (!Array.isArray(requests)) throw wrongType("requests", "an array", requests);
    checkOptions(options);
    checkInteger(requests.length, "the number of requests", 0, MAX_JOBS_PER_CALL);
    this.#now();
    if (requests.length === 0) return [];
    return this.#insert((now) => {
      // Unlike map, this does not pass over holes.
      return Array.from(requests, (request) => {
        checkType(request, "object", "a request");
        const { within } = (request.options ?? {}) as EnqueueOptions;
        if (within !== undefined) throw wrongType("within", "an option of the call, not of one request", within);
        return this.#newJob(request.topic, request.payload, request.options, now);
      });
    }, options.within);
  }

  /**
   * Reserves up to `limit` ready jobs of a topic, in the order they run. Without `wait` the answer may be empty; with
   * it, the call resolves as soon as there is a job, and empty when there was none in time.
   */
  async reserve<T extends TopicName<Topics>>(
    topic: T,
    limit = 1,
    options: ReserveOptions = {},
  ): Promise<ReservedJob<Topics[T]>[]> {
    checkOptions(options);
    const { wait = 0, lease, signal } = options;
    const request = {
      topic: this.#topic(topic),
      limit: checkInteger(limit, "limit", 1, MAX_JOBS_PER_CALL),
      leaseMs: lease === undefined ? undefined : leaseMs(lease),
      signal: checkSignal(signal),
    };
    const waitMs = durationMs(wait, "wait");
    const until = (await this.#sync()) + waitMs;
    return (await this.#dispatcher.reserve({ ...request, until })) as ReservedJob<Topics[T]>[];
  }

  /** The job, undefined when there is none. */
  async get(id: JobId): Promise<JobRecord | undefined> {
    const job = await this.#read(id);
    const codec = this.#codec;
    return job && { ...headOf(job), payload: codec.decode(job.payload), result: codec.decode(job.result) };
  }

  /** How far the job is, undefined when there is none. */
  async status(id: JobId): Promise<JobStatus | undefined> {
    const job = await this.#read(id);
    return job && headOf(job);
  }

  /** The jobs that match, without payloads, oldest first. */
  async find(options: FindOptions = {}): Promise<JobHead[]> {
    const query = findQuery(options);
    return (await this.#open()).jobs.find(query);
  }

  /** What its holders logged, oldest line first. */
  async logs(id: JobId): Promise<LogLine[]> {
    checkName(id, "id");
    const notes = await (await this.#open()).jobs.notes(id, "log");
    return notes.map(({ at, value }) => ({ at, line: value }));
  }

  /**
   * Ends a job that has not ended; the signal of its holder aborts.
   * @throws {JobqError} JOB_NOT_FOUND, INVALID_STATE
   */
  async cancel(id: JobId, reason?: string): Promise<void> {
    const error = checkReason(reason);
    await this.#apply({ type: "cancel", id: checkName(id, "id"), reason: "canceled", error });
  }

  /**
   * Makes a job that has ended ready again, with all its attempts.
   * @throws {JobqError} JOB_NOT_FOUND, INVALID_STATE, DUPLICATE_JOB
   */
  async reset(id: JobId): Promise<void> {
    await this.#apply({ type: "reset", id: checkName(id, "id") });
  }

  /**
   * Forgets a job, whatever its state; a holder loses it.
   * @throws {JobqError} JOB_NOT_FOUND
   */
  async remove(id: JobId): Promise<void> {
    const job = await this.#read(id);
    if (!job || (await this.#removeAll([job], "remove")) === 0)
      throw refusalError({ code: "JOB_NOT_FOUND", id }, "remove");
  }

  /** Forgets jobs that have ended, in batches; resolves with how many. */
  async purge(options: PurgeOptions): Promise<number> {
    const query = purgeQuery(options, await this.#sync(), PURGE_PAGE);
    let count = 0;
    for (;;) {
      const page = await this.#store.jobs.find(query);
      count += page.length > 0 ? await this.#removeAll(page, "purge") : 0;
      if (page.length < PURGE_PAGE) return count;
    }
  }

  /** Every topic that holds jobs to run, or is paused. */
  async topics(): Promise<TopicInfo[]> {
    return (await this.#open()).topics.topics();
  }

  /** How many jobs there are, per topic and state. */
  async tally(): Promise<Tally[]> {
    return (await this.#open()).jobs.tally();
  }

  /** Holds a topic's jobs back; those that are reserved go on. */
  async pause(topic: TopicName<Topics>): Promise<void> {
    await (await this.#open()).topics.pause(this.#topic(topic), true);
  }

  /** Lets a paused topic go on. */
  async resume(topic: TopicName<Topics>): Promise<void> {
    await (await this.#open()).topics.pause(this.#topic(topic), false);
    this.#dispatcher.wake(topic);
  }

  /** Calls `listener` at every event of that type that this service causes; the answer takes it back. */
  on<T extends keyof EventMap>(type: T, listener: Listener<EventMap[T]>): () => void {
    return this.#events.on(type, checkType(listener, "function", "a listener"));
  }

  /** Every event from now on, until the service closes. A reader that falls behind by 10,000 loses the oldest. */
  events(): AsyncIterableIterator<ServiceEvent> {
    return this.#events.stream();
  }

  /**
   * Waits until the job is done, canceled or removed.
   * @throws {JobqError} JOB_NOT_FOUND, TIMEOUT, CLOSED; or the signal's reason
   */
  async result(
    id: JobId,
    options: { readonly timeout?: Duration; readonly signal?: AbortSignal } = {},
  ): Promise<JobEnding> {
    checkOptions(options);
    const { timeout, signal } = options;
    const timeoutMs = timeout === undefined ? Infinity : durationMs(timeout, "timeout");
    const now = await this.#sync();
    const job = await this.#completionWaiters.wait(checkName(id, "id"), now + timeoutMs, checkSignal(signal));
    if (!job) return { state: "removed" };
    const { state, reason = "canceled", error, result } = job;
    return state === "canceled" ? { state, reason, error } : { state: "done", result: this.#codec.decode(result) };
  }

  /**
   * Takes no new jobs and hands none out, waits until what is held is settled, but not past `deadline` (30 seconds),
   * gives the rest back, and closes both repositories. Further calls wait for the first.
   */
  close(options: { readonly deadline?: Duration } = {}): Promise<void> {
    checkOptions(options);
    const deadlineMs = durationMs(options.deadline ?? "30s", "deadline");
    this.#closing ??= this.#close(deadlineMs);
    return this.#closing;
  }

  async #close(deadlineMs: number): Promise<void> {
    const { jobs, topics } = this.#store;
    this.#unhearPushes?.();
    try {
      await this.#dispatcher.close();
      await this.#reservations.close(jobs.clock.now() + deadlineMs);
    } finally {
      await this.#maintenance.stop();
      await this.#commits.idle();
      this.#completionWaiters.close();
      this.#events.close();
      await Promise.all([topics.close(), jobs.close()]);
    }
  }

  async #enqueue(topic: string, payload: unknown, options: EnqueueOptions | undefined): Promise<JobId> {
    const make = (now: Timestamp): Job => this.#newJob(topic, payload, options, now);
    const within = options?.within;
    if (within !== undefined) return (await this.#insert((now) => [make(now)], within))[0]?.id as JobId;
    const now = this.#synced ? this.#now() : await this.#sync();
    const { batch, index } = this.#commits.join({ now, insert: [make(now)] });
    return requireStored((await batch)[index] as UnitOutcome).inserted[0] as JobId;
  }

  #newJob(topic: string, payload: unknown, options: EnqueueOptions | undefined, now: Timestamp): Job {
    const name = this.#topic(topic);
    return newJob(this.#newId(now), name, this.#codec.encode(payload, "payload"), options, this.#settings, now);
  }

  #topic(topic: string): string {
    if (topic === this.#lastTopic && topic !== undefined) return topic;
    const name = checkName(topic, "topic");
    if (this.#topicNames && !this.#topicNames.has(name)) {
      throw outOfRange("topic", `one of ${[...this.#topicNames].join(", ")}`, name);
    }
    this.#lastTopic = name;
    return name;
  }

  async #read(id: JobId): Promise<Job | undefined> {
    checkName(id, "id");
    return (await (await this.#open()).jobs.get([id]))[0];
  }

  async #removeAll(jobs: readonly JobHead[], how: "remove" | "purge"): Promise<number> {
    const now = this.#store.jobs.clock.now();
    const { removed } = await this.#commit({ now, [how]: jobs.map(({ id }) => id) });
    const gone = new Set(removed);
    for (const job of jobs) if (gone.has(job.id)) this.#notifier.changed(job, "remove", now);
    return gone.size;
  }

  /** Stores the jobs that `make` makes at the store's time: in a transaction of the user's, where there is one. */
  async #insert(make: (now: Timestamp) => Job[], transaction: object | undefined): Promise<EnqueueReceipt[]> {
    this.#now();
    const within = transaction && storeWithin(this.#store, transaction);
    // Where there is a transaction, not by way of `#sync`, which may have to wait for the connection that it is on.
    const now = this.#synced ? this.#now() : await (within ? within.now() : this.#sync());
    const insert = make(now);
    const unit = { now, insert };
    const answer = within ? requireStored((await within.commit([unit]))[0] as UnitOutcome) : await this.#commit(unit);
    if (within) for (const job of storedInserts(unit, answer)) this.#notifier.expect(job);
    return answer.inserted.map((id, index) => ({ id, duplicate: id !== insert[index]?.id }));
  }

  async #commit(unit: Unit): Promise<UnitStored> {
    return requireStored(await this.#commits.commit(unit), unit.apply?.[0]?.type);
  }

  async #apply(change: Change): Promise<void> {
    await this.#commit({ now: await this.#sync(), apply: [change] });
  }

  /** The time, once the store's clock has found it. */
  async #sync(): Promise<Timestamp> {
    this.#now();
    await this.#store.jobs.clock.sync();
    this.#synced = true;
    return this.#now();
  }

  /** @throws {JobqError} CLOSED */
  #now(): Timestamp {
    if (this.#closing) throw closed();
    return this.#store.jobs.clock.now();
  }

  async #open(): Promise<QueueStore> {
    await this.#sync();
    return this.#store;
  }
}
