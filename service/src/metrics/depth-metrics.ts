import { Deadline } from "@jobq/core";
import { Gauge, type Registry } from "prom-client";
import { type ModuleContext, noLaterThan } from "../module.ts";
import type { BoundedLabels } from "./bounded-labels.ts";
import type { MetricsSettings } from "./metrics-options.ts";
import type { SeenInstants } from "./seen-instants.ts";

/** How long a scrape waits for the store. */
const LIMIT_MS = 5_000;

/**
 * Among how many, of those of a topic that were enqueued first, the one is looked for that is ready for longest: the very
 * first may have been delayed until now.
 */
const LOOKED_AT = 20;

/** What is in the store, whichever process put it there: asked for when it is scraped. */
export class DepthMetrics {
  readonly #context: ModuleContext;
  readonly #topics: BoundedLabels;
  readonly #seen: SeenInstants;
  readonly #depth: Gauge<"topic" | "state">;
  readonly #inProgress: Gauge<"topic">;
  readonly #oldest: Gauge<"topic">;
  #looking: Promise<void> | undefined;

  constructor(
    context: ModuleContext,
    registry: Registry,
    topics: BoundedLabels,
    seen: SeenInstants,
    { prefix }: MetricsSettings,
  ) {
    this.#context = context;
    this.#topics = topics;
    this.#seen = seen;
    const collect = (): Promise<void> => this.#collect();
    const common = (name: string, help: string) => ({ name: prefix + name, help, registers: [registry], collect });
    this.#depth = new Gauge({
      ...common("jobs_queue_depth", "Jobs that wait, ready or delayed"),
      labelNames: ["topic", "state"],
    });
    this.#inProgress = new Gauge({ ...common("jobs_in_progress", "Jobs that are reserved"), labelNames: ["topic"] });
    this.#oldest = new Gauge({
      ...common("jobs_oldest_ready_seconds", "Since when the job that is ready for longest is ready"),
      labelNames: ["topic"],
    });
  }

  /** One look serves all three; a store that fails or hangs leaves them as they were, and the scrape goes on. */
  async #collect(): Promise<void> {
    this.#looking ??= this.#look()
      .catch((error) => this.#context.report(error, "measuring the depth of queues"))
      .finally(() => {
        this.#looking = undefined;
      });
    await noLaterThan(new Deadline(this.#context.clock, LIMIT_MS), this.#looking);
  }

  async #look(): Promise<void> {
    const { jobs, now } = this.#context;
    const at = await now();
    const tally = await jobs.tally();
    const ready = [
      ...new Set(tally.filter(({ state, count }) => state === "ready" && count > 0).map((one) => one.topic)),
    ];
    const ages = await Promise.all(
      ready
        .filter((topic) => this.#topics.of(topic) === topic) // of no more than have labels
        .map(async (topic) => ({ topic, oldest: await jobs.find({ topic, state: "ready", limit: LOOKED_AT }) })),
    );
    for (const gauge of [this.#depth, this.#inProgress, this.#oldest]) gauge.reset();
    for (const { topic: name, state, count } of tally) {
      const topic = this.#topics.of(name);
      if (state === "reserved") this.#inProgress.inc({ topic }, count);
      if (state === "ready" || state === "delayed") this.#depth.inc({ topic, state }, count);
    }
    for (const { topic, oldest } of ages) {
      if (oldest.length === 0) continue;
      const since = Math.min(...oldest.map((job) => this.#seen.readySince(job)));
      this.#oldest.set({ topic }, Math.max(at - since, 0) / 1000);
    }
  }
}
