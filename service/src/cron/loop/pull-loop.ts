import { Deadline, JobqError } from "@jobq/core";
import type { JobService, ModuleContext, ReservedJob } from "../../module.ts";

/** What a loop pulls, and what it does with it. */
export interface PullLoopOptions {
  readonly topic: string;
  /** So many jobs at most are held at once. */
  readonly limit: number;
  /** Settles the job; what it throws is reported. */
  readonly handle: (job: ReservedJob) => Promise<void>;
  /** Names that in reports. */
  readonly doing: string;
}

/** How long a reservation holds that nobody renews. */
export const LEASE = "30s";

/** How long it waits after the store has failed. */
const PAUSE_MS = 1000;

/** Reserves jobs of one topic and handles each as soon as it is there, until it is stopped. */
export class PullLoop {
  readonly #context: ModuleContext;
  readonly #service: JobService;
  readonly #options: PullLoopOptions;
  #stopping: AbortController | undefined;
  #running: Promise<void> = Promise.resolve();
  /** What is being handled. */
  readonly #handling = new Set<Promise<void>>();

  constructor(context: ModuleContext, service: JobService, options: PullLoopOptions) {
    this.#context = context;
    this.#service = service;
    this.#options = options;
  }

  /** Does nothing while it runs. */
  start(): void {
    if (this.#stopping) return;
    const stopping = new AbortController();
    this.#stopping = stopping;
    this.#running = this.#running.then(() => this.#run(stopping.signal));
  }

  /** Resolves when all that it holds has been handled. */
  async stop(): Promise<void> {
    this.#stopping?.abort();
    this.#stopping = undefined;
    await this.#running;
    await Promise.all(this.#handling);
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { topic, limit, doing } = this.#options;
    while (!signal.aborted) {
      try {
        const room = limit - this.#handling.size;
        for (const job of await this.#service.reserve(topic, room, { wait: "1h", lease: LEASE, signal }))
          this.#handle(job);
        if (this.#handling.size === limit) await Promise.race(this.#handling);
      } catch (error) {
        if (signal.aborted || isClosed(error)) return;
        this.#context.report(error, doing);
        await this.#pause(signal);
      }
    }
  }

  #handle(job: ReservedJob): void {
    const handling = this.#options
      .handle(job)
      .catch((error) => this.#context.report(error, this.#options.doing)) // its lease will end
      .finally(() => this.#handling.delete(handling))
      .then(() => {});
    this.#handling.add(handling);
  }

  async #pause(signal: AbortSignal): Promise<void> {
    const deadline = new Deadline(this.#context.clock, PAUSE_MS);
    await new Promise<void>((resolve) => {
      const undo = deadline.onOver(resolve);
      signal.addEventListener("abort", () => resolve(undo()), { once: true });
    });
  }
}

function isClosed(error: unknown): boolean {
  return error instanceof JobqError && error.code === "CLOSED";
}
