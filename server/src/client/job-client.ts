import {
  checkOptions,
  type Duration,
  durationMs,
  type JobHead,
  type JobId,
  JobqError,
  type Tally,
  type TopicInfo,
} from "@jobq/core";
import type {
  Attempt,
  CancelManyOptions,
  CancelManyQuery,
  EnqueueOptions,
  EnqueueReceipt,
  Explanation,
  FindOptions,
  JobEnding,
  JobEvent,
  JobRecord,
  LimitsOptions,
  LimitUsage,
  LogLine,
  ManyOptions,
  PurgeOptions,
  ReserveOptions,
  ResetManyQuery,
} from "@jobq/service";
import { BundleClient } from "./bundle-client.ts";
import { checkHasJson, instantOf, orUndefined, pathOf, queryText } from "./forms.ts";
import { type EventsOptions, readEvents } from "./read-events.ts";
import { RemoteJob, type ReservationForm, wireDuration } from "./remote-job.ts";
import { ScheduleClient } from "./schedule-client.ts";
import { type ClientOptions, Transport } from "./transport.ts";
import { WorkflowClient } from "./workflow-client.ts";

/** A job to submit by its type. */
export interface TypedRequest {
  readonly type: string;
  /** The topic; by default that of the definition, otherwise the type. */
  readonly topic?: string | undefined;
  readonly payload?: unknown;
  readonly options?: Omit<EnqueueOptions, "within"> | undefined;
}

/** The longest that one call waits; a longer wait is several. Proxies end what is silent for longer, many after 30 seconds. */
const LONGEST_WAIT_MS = 25_000;

/**
 * Creates a client of a server: the interface of the service over HTTP. It needs only `fetch`.
 * @throws {TypeError} `url` is not the address of a server
 */
export function createClient(options: ClientOptions): JobClient {
  return new JobClient(options);
}

/**
 * A job queue on a server. Its methods do what those of the service do, and reject with the same errors; STORE_FAILED
 * also means that the server cannot be reached.
 */
export class JobClient {
  readonly #transport: Transport;
  /** Reads and steers the schedules of the server's store. */
  readonly schedules: ScheduleClient;
  /** Reads and steers the runs of workflows in it. */
  readonly workflows: WorkflowClient;
  /** Reads and cancels the bundles in it. */
  readonly bundles: BundleClient;

  /** @throws {TypeError} no address of a server */
  constructor(options: ClientOptions) {
    this.#transport = new Transport(options);
    this.schedules = new ScheduleClient(this.#transport);
    this.workflows = new WorkflowClient(this.#transport);
    this.bundles = new BundleClient(this.#transport);
  }

  /** Stores a job and resolves with its id, or with that of the job that holds its unique key. */
  async enqueue(topic: string, payload?: unknown, options: Omit<EnqueueOptions, "within"> = {}): Promise<JobId> {
    const body = { topic, payload: checkHasJson(payload, "payload"), options: plain(options) };
    return (await this.#transport.call<{ id: JobId }>("POST", "/api/v1/records", body)).id;
  }

  /** Stores jobs on any topics: all of them or none. */
  async enqueueMany(
    requests: readonly {
      readonly topic: string;
      readonly payload?: unknown;
      readonly options?: Omit<EnqueueOptions, "within">;
    }[],
  ): Promise<readonly EnqueueReceipt[]> {
    const body = { requests: requests.map(wireRequest) };
    const path = "/api/v1/records/batch";
    return (await this.#transport.call<{ receipts: EnqueueReceipt[] }>("POST", path, body)).receipts;
  }

  /**
   * Stores jobs by their types: all of them or none. Where the server has a definition of the type, its topic, options
   * and schema apply.
   */
  async submit(requests: readonly TypedRequest[]): Promise<readonly EnqueueReceipt[]> {
    const body = { requests: requests.map(wireRequest) };
    return (await this.#transport.call<{ receipts: EnqueueReceipt[] }>("POST", "/api/v1/records/submit", body))
      .receipts;
  }

  /** Reserves up to `limit` ready jobs of a topic; waits up to `wait` for the first one. */
  async reserve<Payload = unknown>(
    topic: string,
    limit = 1,
    options: ReserveOptions = {},
  ): Promise<RemoteJob<Payload>[]> {
    checkOptions(options, { wait: true, lease: true, signal: true });
    const { wait = 0, lease, signal } = options;
    const path = `/api/v1/topics/${encodeURIComponent(topic)}/reserve`;
    const until = performance.now() + durationMs(wait, "wait");
    for (;;) {
      const leftMs = Math.max(0, until - performance.now());
      const body = {
        limit,
        wait: wireDuration(Math.min(leftMs, LONGEST_WAIT_MS), "wait"),
        ...(lease === undefined ? {} : { lease: wireDuration(lease, "lease") }),
      };
      const { jobs } = await this.#transport.call<{ jobs: ReservationForm[] }>("POST", path, body, signal);
      if (jobs.length > 0 || leftMs <= LONGEST_WAIT_MS) return jobs.map((form) => new RemoteJob(form, this.#transport));
    }
  }

  /** Returns the job with its payload and result; undefined if it does not exist. */
  get(id: JobId): Promise<JobRecord | undefined> {
    return orUndefined(this.#transport.call<JobRecord>("GET", pathOf("records", id)));
  }

  /** Returns the job without payload and result; undefined if it does not exist. */
  status(id: JobId): Promise<JobHead | undefined> {
    return orUndefined(this.#transport.call<JobHead>("GET", pathOf("records", id, "status")));
  }

  /** Returns the jobs that match, without payloads and results. */
  async find(options: FindOptions = {}): Promise<readonly JobHead[]> {
    return (await this.#transport.call<{ jobs: JobHead[] }>("POST", "/api/v1/records/find", options)).jobs;
  }

  /** Returns the log lines of a job, oldest first. */
  async logs(id: JobId): Promise<LogLine[]> {
    const { logs } = await this.#transport.call<{ logs: { at: string; line: string }[] }>(
      "GET",
      pathOf("jobs", id, "logs"),
    );
    return logs.map(({ at, line }) => ({ at: Date.parse(at), line }));
  }

  /** Returns the failed attempts of a job and the latest one, oldest first. */
  async attempts(id: JobId): Promise<readonly Attempt[]> {
    const { attempts } = await this.#transport.call<{ attempts: AttemptForm[] }>("GET", pathOf("jobs", id, "attempts"));
    return attempts.map(({ started_at: start, ended_at: end, ...rest }) => ({
      ...rest,
      by: rest.by,
      startedAt: instantOf(start),
      endedAt: instantOf(end),
    }));
  }

  /**
   * Explains why a job is not running; undefined if it does not exist. The server knows only the workers of its
   * process.
   */
  explain(id: JobId): Promise<Explanation | undefined> {
    return orUndefined(this.#transport.call<Explanation>("GET", pathOf("jobs", id, "explain")));
  }

  /** Cancels a job that has not ended. */
  async cancel(id: JobId, reason?: string): Promise<void> {
    await this.#transport.call("POST", pathOf("jobs", id, "cancel"), { reason, force: true });
  }

  /** Makes an ended job ready again, with all its attempts. */
  async reset(id: JobId): Promise<void> {
    await this.#transport.call("POST", pathOf("jobs", id, "reset"));
  }

  /** Deletes a job in any state. */
  async remove(id: JobId): Promise<void> {
    await this.#transport.call("DELETE", pathOf("jobs", id));
  }

  /** Deletes ended jobs and resolves with their number. With `dryRun`, in either argument, it only counts them. */
  async purge({ olderThan, dryRun, ...rest }: PurgeOptions, options: ManyOptions = {}): Promise<number> {
    checkOptions(options, { dryRun: true });
    const age = olderThan === undefined ? {} : { older_than: wireDuration(olderThan, "olderThan") };
    const body = { ...rest, ...age, dry_run: dryRun || options.dryRun };
    return (await this.#transport.call<{ purged: number }>("POST", "/api/v1/jobs/purge", body)).purged;
  }

  /** Cancels the live jobs that match, and resolves with their number. With `dryRun` it only counts them. */
  cancelMany(query: CancelManyQuery, options: CancelManyOptions = {}): Promise<number> {
    checkOptions(options, { dryRun: true, reason: true });
    return this.#many("cancel", { query, reason: options.reason, dry_run: options.dryRun });
  }

  /**
   * Makes the ended jobs that match ready again, but no copies of them on dead-letter topics, and resolves with their
   * number. With `dryRun` it only counts them.
   */
  resetMany(query: ResetManyQuery, options: ManyOptions = {}): Promise<number> {
    checkOptions(options, { dryRun: true });
    return this.#many("reset", { query, dry_run: options.dryRun });
  }

  async #many(action: "cancel" | "reset", body: object): Promise<number> {
    return (await this.#transport.call<{ count: number }>("POST", `/api/v1/records/${action}`, body)).count;
  }

  /** Returns the limits in use, by key: the jobs that hold their slots, and those that wait for one. */
  async limits(options: LimitsOptions = {}): Promise<readonly LimitUsage[]> {
    checkOptions(options, { key: true });
    const path = `/api/v1/limits${queryText({ key: options.key })}`;
    return (await this.#transport.call<{ limits: LimitUsage[] }>("GET", path)).limits;
  }

  /** Returns every topic that has ready or delayed jobs, or is paused. */
  async topics(): Promise<readonly TopicInfo[]> {
    return (await this.#transport.call<{ topics: TopicInfo[] }>("GET", "/api/v1/topics")).topics;
  }

  /** Returns the number of jobs by topic and state. */
  async tally(): Promise<readonly Tally[]> {
    return (await this.#transport.call<{ tally: Tally[] }>("GET", "/api/v1/tally")).tally;
  }

  /** Pauses a topic: its ready jobs are not handed out. Reserved jobs continue. */
  async pause(topic: string): Promise<void> {
    await this.#transport.call("POST", pathOf("topics", topic, "pause"));
  }

  /** Resumes a paused topic. */
  async resume(topic: string): Promise<void> {
    await this.#transport.call("POST", pathOf("topics", topic, "resume"));
  }

  /**
   * Waits until the job is done, canceled or removed. Rejects with the signal's reason if that aborts.
   * @throws {JobqError} JOB_NOT_FOUND, TIMEOUT
   */
  async result(
    id: JobId,
    options: { readonly timeout?: Duration; readonly signal?: AbortSignal } = {},
  ): Promise<JobEnding> {
    checkOptions(options, { timeout: true, signal: true });
    const { timeout, signal } = options;
    const until = timeout === undefined ? Number.POSITIVE_INFINITY : performance.now() + durationMs(timeout, "timeout");
    for (;;) {
      const leftMs = Math.max(0, until - performance.now());
      const wait = wireDuration(Math.min(leftMs, LONGEST_WAIT_MS), "timeout");
      try {
        return await this.#transport.call<JobEnding>(
          "GET",
          `${pathOf("records", id, "ending")}?timeout=${wait}`,
          undefined,
          signal,
        );
      } catch (error) {
        const isOver = !(error instanceof JobqError) || error.code !== "TIMEOUT" || leftMs <= LONGEST_WAIT_MS;
        if (isOver) throw error;
      }
    }
  }

  /**
   * Yields the events of the server's service from now on. If a connection breaks, it continues on another one; what is
   * lost then, as when the server restarts, is told by `onGap`.
   */
  events(options: EventsOptions = {}): AsyncGenerator<JobEvent, void, undefined> {
    return readEvents(this.#transport, options);
  }
}

/** An attempt as it comes over the wire. */
interface AttemptForm extends Omit<Attempt, "startedAt" | "endedAt"> {
  readonly started_at?: string;
  readonly ended_at?: string;
}

/** A request of many as it goes over the wire. */
function wireRequest({ options = {}, ...request }: Pick<TypedRequest, "payload" | "options">): object {
  checkHasJson(request.payload, "payload");
  return { ...request, options: plain(options) };
}

/** An option that is a Date goes over the wire as epoch milliseconds. */
function plain({ at, ...options }: Omit<EnqueueOptions, "within">): object {
  return at === undefined ? options : { ...options, at: at instanceof Date ? at.getTime() : at };
}
