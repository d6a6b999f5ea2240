import { Deadline, type Duration, durationMs, JobqError } from "@jobq/core";
import { attemptTimeoutMs, type JobService, type ModuleContext, type ReservedJob } from "../module.ts";
import { NoRetry, RetryAfter } from "../retry/index.ts";
import type { JobDefinition } from "./define-job.ts";
import { isLost } from "./is-lost.ts";
import { JobRun } from "./job-run.ts";
import type { LeaseRenewal } from "./lease-renewal.ts";
import { SUSPENDED } from "./suspended.ts";
import type { RunMiddleware, WorkerHooks, WorkerSettings } from "./worker-options.ts";

/** How often a write that the store failed to take is tried. */
const MAX_TRIES = 5;
/** The longest that a delay which was asked for is stretched, as a share of it. */
const SPREAD = 0.1;

/** What running jobs takes. */
export interface JobRunnerOptions {
  readonly service: JobService;
  readonly context: ModuleContext;
  readonly settings: WorkerSettings;
  readonly renewal: LeaseRenewal;
  /** Resolves after a pause, or when the worker stops. */
  readonly pause: () => Promise<void>;
}

/** Runs the handler of a job and settles the job as that ends. */
export class JobRunner {
  readonly #service: JobService;
  readonly #context: ModuleContext;
  readonly #settings: WorkerSettings;
  readonly #renewal: LeaseRenewal;
  readonly #pause: () => Promise<void>;
  readonly #middleware: RunMiddleware[] = [];
  readonly #running = new Set<JobRun>();
  readonly #unknownNames = new Set<string>();
  /** The functions that are told of exhausted jobs, while they run. */
  readonly #telling = new Set<Promise<unknown>>();

  constructor({ service, context, settings, renewal, pause }: JobRunnerOptions) {
    this.#service = service;
    this.#context = context;
    this.#settings = settings;
    this.#renewal = renewal;
    this.#pause = pause;
  }

  /** The runs that are under way. */
  get running(): ReadonlySet<JobRun> {
    return this.#running;
  }

  /** Resolves when all functions have ended that were told of exhausted jobs. */
  async told(): Promise<void> {
    await Promise.all(this.#telling);
  }

  use(middleware: RunMiddleware): void {
    this.#middleware.push(middleware);
  }

  /** Whether a handler runs such a job; any other is left to other workers. */
  handles(job: ReservedJob): boolean {
    return this.#settings.fallback !== undefined || this.#settings.definitions.has(job.name);
  }

  /**
   * Never rejects: whatever the handler does, the job is settled.
   * @param hasRun called when the handler has ended, before it is known that the job is settled; maybe more than once
   */
  async work(job: ReservedJob, hasRun: () => void): Promise<void> {
    if (!this.handles(job)) return this.#leave(job);
    const definition = this.#settings.definitions.get(job.name);
    let run = new JobRun(job, job.payload, this.#service, this.#settings.definitions);
    this.#running.add(run);
    let letGo = false;
    try {
      if (definition) {
        try {
          const payload = definition.parse(job.payload);
          if (payload !== job.payload) {
            this.#running.delete(run);
            run = new JobRun(job, payload, this.#service, this.#settings.definitions);
            this.#running.add(run);
          }
        } catch (error) {
          await this.#fail(run, definition, new NoRetry(error));
          return;
        }
      }
      this.#tell("onStart", run);
      const result = await this.#run(run, definition);
      letGo = result === SUSPENDED; // by the handler itself, in a unit of its own
      if (letGo) return;
      const settled = this.#settle(job, () => job.done(result));
      hasRun();
      if ((await settled) || !run.isGivenBack) this.#tell("onDone", run, result);
    } catch (error) {
      const failed = this.#fail(run, definition, error);
      hasRun();
      await failed;
    } finally {
      this.#renewal.delete(job);
      this.#running.delete(run);
      if (!letGo) this.#tellOfLoss(job);
    }
  }

  /** Ends as the handler does, or rejects when its time is over; what it does after that is nobody's concern. */
  #run(run: JobRun, definition: JobDefinition | undefined): unknown {
    const handler = (definition?.run ?? this.#settings.fallback) as JobDefinition["run"];
    const handle = () => (this.#middleware.length === 0 ? handler(run.payload, run) : this.#runWithin(run, handler));
    const timeoutMs = attemptTimeoutMs(run.job) ?? definition?.timeoutMs;
    return timeoutMs === undefined ? handle() : this.#inTime(run, handle, timeoutMs);
  }

  #runWithin(run: JobRun, handler: JobDefinition["run"]): Promise<unknown> {
    let next = async (): Promise<unknown> => handler(run.payload, run);
    for (const middleware of [...this.#middleware].reverse()) {
      const inner = next;
      next = async () => middleware(run, inner);
    }
    return next();
  }

  #inTime(run: JobRun, handle: () => unknown, timeoutMs: number): Promise<unknown> {
    const deadline = new Deadline(this.#context.clock, timeoutMs); // from now on, also while it blocks
    const result = handle();
    return new Promise((resolve, reject) => {
      const unset = deadline.onOver(() => {
        reject(run.abort("TIMEOUT", `ran longer than its timeout of ${timeoutMs} ms`));
      });
      Promise.resolve(result).then(resolve, reject).finally(unset);
    });
  }

  async #fail(run: JobRun, definition: JobDefinition | undefined, error: unknown): Promise<void> {
    const { job } = run;
    try {
      if (isLost(error) && job.signal.aborted) return;
      const isFinal = error instanceof NoRetry || job.attempt > job.maxRetries;
      if (!(await this.#settle(job, () => this.#settleFailed(run, definition, error)))) {
        if (!run.isGivenBack) this.#context.report(error, `running job ${job.id}, which its handler has settled`);
        return;
      }
      this.#tell(isFinal ? "onFail" : "onRetry", run, error);
      if (isFinal) this.#tellExhausted(run, definition, error);
    } catch (failure) {
      if (!isLost(failure)) this.#context.report(failure, `settling job ${job.id}`);
    }
  }

  #settleFailed(run: JobRun, definition: JobDefinition | undefined, error: unknown): Promise<void> {
    const { job } = run;
    if (error instanceof NoRetry) return error.cause instanceof Error ? job.cancel(error.cause) : job.reject(error);
    if (error instanceof RetryAfter) {
      const delay = Math.ceil(error.delayMs * (1 + SPREAD * this.#context.random()));
      return job.retry({ error: error.cause instanceof Error ? error.cause : error, delay });
    }
    let delay: Duration | undefined;
    try {
      delay = definition?.retryWhen?.(error, run);
      if (delay !== undefined) durationMs(delay, "the delay of retryWhen");
    } catch (failure) {
      delay = undefined;
      this.#context.report(failure, `deciding when to try job ${job.id} again`);
    }
    return job.retry(delay === undefined ? { error: thrown(error) } : { error: thrown(error), delay });
  }

  /** False when the job was settled before: by the handler itself, or given back by the worker. */
  async #settle(job: ReservedJob, settle: () => Promise<void>): Promise<boolean> {
    try {
      await this.#write(job, `settling job ${job.id}`, settle);
      return true;
    } catch (error) {
      const { code } = error as { code?: unknown };
      if (isDoneWithin(job) || (code === "INVALID_STATE" && !job.loss)) return false;
      throw error;
    }
  }

  /** Tries again where the store failed, as long as the reservation holds. */
  async #write(job: ReservedJob, doing: string, write: () => Promise<unknown>): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        await write();
        return;
      } catch (error) {
        const { code } = error as { code?: unknown };
        const mayPass = code === "STORE_FAILED" || code === "OUTCOME_UNKNOWN";
        if (!mayPass || tries === MAX_TRIES || job.loss) throw error;
        this.#context.report(error, doing);
        await this.#pause();
      }
    }
  }

  /** A lease that ended while the handler ran: somebody else may run the job now, or has. Not one that was canceled. */
  #tellOfLoss(job: ReservedJob): void {
    const { id, loss } = job;
    if (!isLost(loss) || !WITH_OTHERS.has(loss.details?.state) || isDoneWithin(job)) return;
    this.#context.report(loss, `running job ${id}, whose lease ended meanwhile`);
  }

  /** A job that this worker does not know is another's: it is let go of for a while, which costs no attempt. */
  async #leave(job: ReservedJob): Promise<void> {
    if (!this.#unknownNames.has(job.name)) {
      this.#unknownNames.add(job.name);
      const error = new JobqError("JOB_NOT_FOUND", `no handler is known for jobs of the name ${job.name}`);
      this.#context.report(error, "running a job");
    }
    await this.letGo(job, this.#settings.leaseMs, `leaving job ${job.id} to others`);
  }

  /** Gives a job back, to be ready again in `ms`: it costs no attempt. Its lease is renewed until that is stored. */
  async letGo(job: ReservedJob, ms: number, doing: string): Promise<void> {
    const { clock, commit, report } = this.#context;
    const { id, token } = job;
    try {
      await this.#write(job, doing, () => {
        const now = clock.now();
        return commit({ now, apply: [{ type: "suspend", id, token, at: now + ms }] });
      });
    } catch (error) {
      report(error, doing);
    }
    this.#renewal.delete(job);
  }

  /** Not waited for here: one that never ends would keep the slot of its job. */
  #tellExhausted(run: JobRun, definition: JobDefinition | undefined, error: unknown): void {
    if (!definition?.onExhausted) return;
    const told = (async () => definition.onExhausted?.(error, run))()
      .catch((failure) => this.#context.report(failure, `telling onExhausted of job ${run.id}`))
      .finally(() => this.#telling.delete(told));
    this.#telling.add(told);
  }

  #tell<Hook extends keyof WorkerHooks>(hook: Hook, run: JobRun, value?: unknown): void {
    const told = this.#settings[hook] as ((run: JobRun, value: unknown) => unknown) | undefined;
    if (!told) return;
    const failed = (error: unknown): void => this.#context.report(error, `telling ${hook}`);
    try {
      const answer = told(run, value);
      if (answer instanceof Promise) answer.catch(failed);
    } catch (error) {
      failed(error);
    }
  }
}

/** What a job is whose lease has ended, and not the job: back in its topic, with another worker, or done by one. */
const WITH_OTHERS: ReadonlySet<unknown> = new Set(["ready", "delayed", "reserved", "done"]);

/** True for a job that its handler has done within a transaction which has committed: it is lost to its holder then. */
function isDoneWithin(job: ReservedJob): boolean {
  return job.isDoneWithin && job.loss?.details?.state === "done";
}

/** Undefined, which a handler may throw like anything else, would look like no error at all. */
function thrown(error: unknown): unknown {
  return error === undefined ? "undefined was thrown" : error;
}
