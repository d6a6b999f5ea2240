import { checkOptions, Deadline, type Duration, durationMs, JobqError } from "@jobq/core";
import {
  contextOf,
  type JobService,
  type ModuleContext,
  noLaterThan,
  onAbort,
  type ReservedJob,
  type TopicMap,
} from "../module.ts";
import { isLost } from "./is-lost.ts";
import { JobRunner } from "./job-runner.ts";
import { LeaseRenewal } from "./lease-renewal.ts";
import { createRate, type Rate } from "./rate/rate.ts";
import { Slots } from "./slots.ts";
import { type RunMiddleware, type WorkerOptions, type WorkerSettings, workerSettings } from "./worker-options.ts";

/** A pull loop waits so long for a job before it asks again. */
const WAIT: Duration = "1h";
/** How long a topic is left alone after the store failed. */
const PAUSE_MS = 1000;

const STOP_OPTIONS = { deadline: true } as const;

/** A job that is reserved and not begun yet. */
interface Waiting {
  readonly topic: string;
  readonly job: ReservedJob;
}

/**
 * Makes a worker: pull loops over topics that run handlers.
 * @throws {TypeError | RangeError} an option that means nothing
 */
export function createWorker<Topics extends TopicMap>(service: JobService<Topics>, options: WorkerOptions): Worker {
  return new Worker(service as unknown as JobService, workerSettings(options));
}

/** Reserves jobs, runs their handlers, renews their leases, and settles them when the handlers end. */
export class Worker {
  readonly #service: JobService;
  readonly #context: ModuleContext;
  readonly #settings: WorkerSettings;
  readonly #slots: Slots;
  readonly #renewal: LeaseRenewal;
  readonly #runner: JobRunner;
  /** By topic. */
  readonly #rates = new Map<string, Rate>();
  #waiting: Waiting[] = [];
  #stopping = new AbortController();
  #loops: Promise<unknown> | undefined;
  #stopped: Promise<void> | undefined;
  #changed: (() => void)[] = [];
  #forget = (): void => {};
  #forgetClose: (() => void) | undefined;

  /** @internal */
  constructor(service: JobService, settings: WorkerSettings) {
    const context = contextOf(service);
    this.#service = service;
    this.#context = context;
    this.#settings = settings;
    this.#slots = new Slots(settings.concurrency);
    for (const [topic, { concurrency, share, rate }] of settings.topics) {
      this.#slots.add(topic, concurrency, share);
      if (rate) this.#rates.set(topic, createRate(context, rate));
    }
    const renewal = new LeaseRenewal(context.clock, settings.leaseMs, context.report);
    this.#renewal = renewal;
    this.#runner = new JobRunner({ service, context, settings, renewal, pause: () => this.#pause() });
  }

  /** The number of handlers that run now. */
  get running(): number {
    return this.#slots.used;
  }

  /** The largest number of handlers that run at once. */
  get concurrency(): number {
    return this.#settings.concurrency;
  }

  /** Wraps every run that begins from now on in `middleware`. The one that was added first is the outermost. */
  use(middleware: RunMiddleware): this {
    if (typeof middleware !== "function")
      throw new TypeError(`a middleware must be a function, got ${typeof middleware}`);
    this.#runner.use(middleware);
    return this;
  }

  /**
   * Starts the worker; no effect if it is already running.
   * @throws {JobqError} CLOSED the service is closed
   * @throws {JobqError} INVALID_STATE the worker was stopped
   */
  async start(): Promise<void> {
    this.#assertNotStopped();
    await this.#context.now();
    this.#assertNotStopped(); // meanwhile
    if (this.#loops) return;
    this.#forgetClose = this.#context.onClose((deadline) => this.#stop(deadline));
    const { topics, definitions, fallback } = this.#settings;
    const names = fallback ? "any" : new Set(definitions.keys());
    const runs = [...definitions.values()].filter(({ data }) => data?.run).map(({ name }) => name);
    this.#forget = this.#context.handles({ topics: new Set(topics.keys()), names, runs: new Set(runs) });
    this.#loops = Promise.all([...this.#settings.topics.keys()].map((topic) => this.#loop(topic)));
  }

  /**
   * Stops the worker for good. It reserves no more jobs, gives back those that have not started, and waits for running
   * handlers until `deadline` (30 seconds). Then it aborts their signals and gives their jobs back. Further calls wait
   * for the first one.
   */
  stop(options: { readonly deadline?: Duration | undefined } = {}): Promise<void> {
    checkOptions(options, STOP_OPTIONS);
    return this.#stop(new Deadline(this.#context.clock, durationMs(options.deadline ?? "30s", "deadline")));
  }

  #stop(deadline: Deadline): Promise<void> {
    this.#stopped ??= this.#drain(deadline);
    return this.#stopped;
  }

  /**
   * Runs every ready job, and jobs that become ready meanwhile. Resolves with the number of reserved jobs when none is
   * left. It ignores rates. For tests and for programs that run now and then; only for a worker that was not started.
   * @throws {JobqError} CLOSED the service is closed
   * @throws {JobqError} INVALID_STATE the worker was started or stopped
   */
  async drain(): Promise<number> {
    if (this.#loops || this.#stopped) throw new JobqError("INVALID_STATE", "only a worker that was not started drains");
    await this.#context.now();
    const { signal } = this.#stopping;
    const { leaseMs, topics } = this.#settings;
    let count = 0;
    while (!signal.aborted) {
      const nothingRuns = this.#slots.isIdle;
      if (nothingRuns) await this.#context.followedUp(); // what waited for jobs that have ended is ready then
      let found = 0;
      for (const topic of topics.keys()) {
        const room = this.#room(topic, 0);
        const jobs = room > 0 ? await this.#service.reserve(topic, room, { lease: leaseMs }) : [];
        this.#take(topic, jobs);
        found += jobs.length;
      }
      if (found === 0 && nothingRuns) break;
      if (found === 0 && !this.#slots.isIdle) await this.#change();
      count += found;
    }
    await this.#giveBack(); // what came after the worker was stopped
    return count;
  }

  #assertNotStopped(): void {
    if (this.#stopped) throw new JobqError("INVALID_STATE", "the worker was stopped: make another");
  }

  async #drain(deadline: Deadline): Promise<void> {
    this.#stopping.abort();
    this.#forget();
    this.#wake();
    await this.#loops;
    await this.#giveBack();
    await noLaterThan(deadline, this.#idle());
    const left = [...this.#runner.running];
    for (const run of left) run.abort("CLOSED", "is given back: the worker stops");
    await Promise.all(left.map(({ job }) => this.#release(job)));
    this.#renewal.stop();
    this.#forgetClose?.();
  }

  async #idle(): Promise<void> {
    while (!this.#slots.isIdle) await this.#change();
  }

  /** Reserves for one topic whatever there is room for, as long as the worker works. */
  async #loop(topic: string): Promise<void> {
    const { signal } = this.#stopping;
    const { leaseMs } = this.#settings;
    const rate = this.#rates.get(topic);
    const prefetch = rate ? 0 : this.#settings.prefetch; // what waits would begin together with what a later span allows
    while (!signal.aborted) {
      const room = this.#room(topic, prefetch);
      if (room <= 0) {
        await this.#change();
        continue;
      }
      try {
        const most = rate ? Math.min(room, await this.#unlessStopped(() => rate.free())) : room;
        if (most === 0) {
          await this.#pause(rate?.nextInMs);
          continue;
        }
        const jobs = await this.#service.reserve(topic, most, { wait: WAIT, lease: leaseMs, signal });
        if (rate) await this.#takeAtRate(topic, jobs, rate);
        else this.#take(topic, jobs);
      } catch (error) {
        if (signal.aborted || (error as JobqError).code === "CLOSED") return;
        this.#context.report(error, `reserving jobs of ${topic}`);
        await this.#pause();
      }
    }
  }

  /** Begins as many as the rate allows, and gives back those that do not begin now. */
  async #takeAtRate(topic: string, jobs: readonly ReservedJob[], rate: Rate): Promise<void> {
    const own = jobs.filter((job) => this.#runner.handles(job));
    const others = jobs.filter((job) => !this.#runner.handles(job)); // left to other workers, they take no places
    let taken = 0;
    for (const job of own) this.#renewal.add(job); // the store may take its time
    try {
      if (own.length > 0) taken = await this.#unlessStopped(() => rate.take(own.length));
    } finally {
      this.#take(topic, [...own.slice(0, taken), ...others]);
      await Promise.all([...own.slice(taken).map((job) => this.#release(job)), this.#giveBack(topic)]);
    }
  }

  /** How many places there are, or none as soon as the worker stops, however long the store takes. */
  async #unlessStopped(places: () => number | Promise<number>): Promise<number> {
    const { signal } = this.#stopping;
    if (signal.aborted) return 0;
    let undo = (): void => {};
    const stopped = new Promise<number>((resolve) => {
      undo = onAbort(signal, () => resolve(0));
    });
    try {
      return await Promise.race([places(), stopped]);
    } finally {
      undo();
    }
  }

  /** How many jobs to reserve: none while more than half of those prefetched wait, since many cost little more than one. */
  #room(topic: string, prefetch: number): number {
    const waiting = this.#waiting.filter((one) => one.topic === topic).length;
    if (waiting > prefetch / 2) return 0;
    return this.#slots.free(topic) + prefetch - waiting - this.#slots.settling(topic);
  }

  #take(topic: string, jobs: readonly ReservedJob[]): void {
    for (const job of jobs) {
      this.#renewal.add(job);
      this.#waiting.push({ topic, job });
    }
    this.#beginWaiting();
  }

  /** Begins what there is room for, in the order in which it came. */
  #beginWaiting(): void {
    for (let at = 0; at < this.#waiting.length && !this.#slots.isFull && !this.#stopping.signal.aborted; ) {
      const { topic, job } = this.#waiting[at] as Waiting;
      if (!job.isOver && this.#slots.free(topic) === 0) at++;
      else {
        this.#waiting.splice(at, 1);
        if (job.isOver)
          this.#renewal.delete(job); // canceled meanwhile, or somebody else's
        else this.#begin(topic, job);
      }
    }
  }

  /** The next one begins when the handler has ended; others are reserved in its place when it is settled. */
  #begin(topic: string, job: ReservedJob): void {
    let runs = true;
    const hasRun = (): void => {
      if (!runs) return;
      runs = false;
      this.#slots.end(topic);
      this.#beginWaiting();
      if (!this.#slots.isFull) this.#wake(); // a slot that nothing here needs is there for other topics
    };
    this.#slots.begin(topic);
    void this.#runner.work(job, hasRun).finally(() => {
      hasRun();
      this.#slots.settled(topic);
      this.#wake();
    });
  }

  /** Gives back what was not begun, of all topics or of one. */
  async #giveBack(topic?: string): Promise<void> {
    const isMeant = (one: Waiting): boolean => topic === undefined || one.topic === topic;
    const meant = this.#waiting.filter(isMeant);
    this.#waiting = this.#waiting.filter((one) => !isMeant(one));
    await Promise.all(meant.map(({ job }) => this.#release(job)));
  }

  async #release(job: ReservedJob): Promise<void> {
    this.#renewal.delete(job);
    try {
      await job.release();
    } catch (error) {
      const { code } = error as { code?: unknown };
      if (!isLost(error) && code !== "INVALID_STATE") this.#context.report(error, `giving job ${job.id} back`);
    }
  }

  #pause(ms = PAUSE_MS): Promise<void> {
    const { signal } = this.#stopping;
    return new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const end = (): void => {
        undo();
        signal.removeEventListener("abort", end);
        resolve();
      };
      const undo = new Deadline(this.#context.clock, ms).onOver(end);
      signal.addEventListener("abort", end);
    });
  }

  /** Resolves when a slot was freed or a job settled, or the worker stops. */
  #change(): Promise<void> {
    return new Promise((resolve) => void this.#changed.push(resolve));
  }

  #wake(): void {
    for (const resolve of this.#changed.splice(0)) resolve();
  }
}
