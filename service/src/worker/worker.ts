import { checkOptions, Deadline, type Duration, durationMs, JobqError } from "@jobq/core";
import {
  contextOf,
  type JobService,
  type ModuleContext,
  noLaterThan,
  type RateInfo,
  type TopicMap,
} from "../module.ts";
import { JobLine } from "./job-line.ts";
import { JobRunner } from "./job-runner.ts";
import { LeaseRenewal } from "./lease-renewal.ts";
import { pause } from "./pause.ts";
import { createRate, type Rate, rateInfo } from "./rate/rate.ts";
import { Slots } from "./slots.ts";
import { Suspects } from "./suspects.ts";
import { TopicLoop } from "./topic-loop.ts";
import { type RunMiddleware, type WorkerOptions, type WorkerSettings, workerSettings } from "./worker-options.ts";

const STOP_OPTIONS = { deadline: true } as const;

/**
 * Makes a worker: pull loops over topics that run handlers.
 * @throws {TypeError | RangeError} an invalid option
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
  readonly #line: JobLine;
  readonly #suspects: Suspects;
  readonly #stopping = new AbortController();
  #loops: Promise<unknown> | undefined;
  #stopped: Promise<void> | undefined;
  #forget = (): void => {};
  #forgetClose: (() => void) | undefined;

  /** @internal */
  constructor(service: JobService, settings: WorkerSettings) {
    const context = contextOf(service);
    this.#service = service;
    this.#context = context;
    this.#settings = settings;
    const slots = new Slots(settings.concurrency);
    for (const [topic, { concurrency, share }] of settings.topics) slots.add(topic, concurrency, share);
    const { clock, report } = context;
    const { signal } = this.#stopping;
    const renewal = new LeaseRenewal(clock, settings.leaseMs, report);
    const runner = new JobRunner({ service, context, settings, renewal, pause: () => pause(clock, signal) });
    this.#slots = slots;
    this.#renewal = renewal;
    this.#runner = runner;
    this.#suspects = new Suspects(runner, renewal);
    this.#line = new JobLine({ topics: settings.topics.keys(), slots, runner, renewal, report, signal });
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
    const rates = new Map<string, RateInfo>();
    const loops = [...topics].map(([topic, { rate: settings }]) => {
      const rate = settings && createRate(this.#context, settings);
      if (rate) rates.set(topic, rateInfo(this.#context, settings, rate));
      return this.#topicLoop(topic, rate);
    });
    this.#forget = this.#context.handles({ topics: new Set(topics.keys()), names, runs: new Set(runs), rates });
    this.#loops = Promise.all(loops.map((loop) => loop.run()));
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
      if (nothingRuns) await this.#runner.told();
      if (nothingRuns) await this.#context.followedUp(); // what waited for jobs that have ended is ready then
      let found = 0;
      for (const topic of topics.keys()) {
        const room = this.#line.room(topic, 0);
        const jobs = room > 0 ? await this.#service.reserve(topic, room, { lease: leaseMs }) : [];
        this.#line.take(topic, await this.#suspects.admit(jobs));
        found += jobs.length;
      }
      if (found === 0 && nothingRuns) break;
      if (found === 0 && !this.#slots.isIdle) await this.#line.change();
      count += found;
    }
    await this.#line.giveBack(); // what came after the worker was stopped
    return count;
  }

  #topicLoop(topic: string, rate: Rate | undefined): TopicLoop {
    const { leaseMs, prefetch } = this.#settings;
    const options = {
      ...{ context: this.#context, leaseMs, prefetch, service: this.#service, signal: this.#stopping.signal },
      ...{
        slots: this.#slots,
        line: this.#line,
        renewal: this.#renewal,
        runner: this.#runner,
        suspects: this.#suspects,
      },
    };
    return new TopicLoop(topic, rate, options);
  }

  #assertNotStopped(): void {
    if (this.#stopped) throw new JobqError("INVALID_STATE", "the worker was stopped: make another");
  }

  async #ended(): Promise<void> {
    await this.#line.idle();
    await this.#runner.told();
  }

  async #drain(deadline: Deadline): Promise<void> {
    this.#stopping.abort();
    this.#forget();
    this.#line.wake();
    await this.#loops;
    await this.#line.giveBack();
    await noLaterThan(deadline, this.#ended());
    const left = [...this.#runner.running];
    for (const run of left) run.abort("CLOSED", "is given back: the worker stops");
    await Promise.all(left.map(({ job }) => this.#line.release(job)));
    this.#renewal.stop();
    this.#forgetClose?.();
  }
}
