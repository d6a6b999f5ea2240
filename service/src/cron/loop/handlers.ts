import type { Duration } from "@jobq/core";
import type { JobService } from "../../module.ts";
import { createWorker, type Worker } from "../../worker/index.ts";
import { occurrenceContext, type RunOccurrence } from "./occurrence-context.ts";

/** The handlers that were given in place, and the workers that run them: one for each topic, one job at a time. */
export class Handlers {
  readonly #service: JobService;
  readonly #byTopic = new Map<string, RunOccurrence>();
  #workers: Map<string, Worker> | undefined;

  constructor(service: JobService) {
    this.#service = service;
  }

  /** Runs the jobs of the topic, from the next one on in place of what did until now. */
  async set(topic: string, run: RunOccurrence): Promise<void> {
    this.#byTopic.set(topic, run);
    await this.#work(topic);
  }

  /** Begins to work. */
  async start(): Promise<void> {
    this.#workers ??= new Map();
    await Promise.all([...this.#byTopic.keys()].map((topic) => this.#work(topic)));
  }

  /** Resolves when no handler runs any more, or at the deadline those that did have been told. */
  async stop(deadline: Duration | undefined): Promise<void> {
    const workers = [...(this.#workers?.values() ?? [])];
    this.#workers = undefined;
    await Promise.all(workers.map((worker) => worker.stop({ deadline })));
  }

  async #work(topic: string): Promise<void> {
    if (!this.#workers || this.#workers.has(topic)) return;
    const worker = createWorker(this.#service, {
      topics: { [topic]: { concurrency: 1 } },
      fallback: (payload, ctx) => this.#byTopic.get(topic)?.(payload, occurrenceContext(ctx)),
    });
    this.#workers.set(topic, worker);
    await worker.start();
  }
}
