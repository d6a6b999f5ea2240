import { Counter, Histogram, type Registry } from "prom-client";
import type { StoredChange } from "../module.ts";
import { BoundedLabels } from "./bounded-labels.ts";
import type { MetricsSettings } from "./metrics-options.ts";
import type { SeenInstants } from "./seen-instants.ts";

const LABELS = ["topic", "name"] as const;

/** What goes by way of one service: counted, and timed, as it is stored. */
export class FlowMetrics {
  readonly #topics: BoundedLabels;
  readonly #names: BoundedLabels;
  readonly #seen: SeenInstants;
  readonly #enqueued: Counter<"topic" | "name">;
  readonly #completed: Counter<"topic" | "name">;
  readonly #failed: Counter<"topic" | "name" | "reason">;
  readonly #retried: Counter<"topic" | "name">;
  readonly #leaseLost: Counter<"topic" | "name">;
  readonly #duration: Histogram<"topic" | "name" | "outcome">;
  readonly #wait: Histogram<"topic" | "name">;

  constructor(
    registry: Registry,
    topics: BoundedLabels,
    seen: SeenInstants,
    { prefix, mostLabels, buckets }: MetricsSettings,
  ) {
    this.#topics = topics;
    this.#seen = seen;
    this.#names = new BoundedLabels(mostLabels);
    const common = (name: string, help: string) => ({ name: prefix + name, help, registers: [registry] });
    const counter = (name: string, help: string) => new Counter({ ...common(name, help), labelNames: LABELS });
    this.#enqueued = counter("jobs_enqueued_total", "Jobs that were enqueued");
    this.#completed = counter("jobs_completed_total", "Jobs that are done");
    this.#retried = counter("jobs_retried_total", "Attempts that failed and are followed by another");
    this.#leaseLost = counter("jobs_lease_lost_total", "Reservations whose lease ended before they were settled");
    this.#failed = new Counter({
      ...common("jobs_failed_total", "Jobs that were canceled, by why, but for those that somebody canceled"),
      labelNames: [...LABELS, "reason"],
    });
    this.#duration = new Histogram({
      ...common("jobs_duration_seconds", "From the reservation to the end of an attempt"),
      labelNames: [...LABELS, "outcome"],
      buckets: [...buckets],
    });
    this.#wait = new Histogram({
      ...common("jobs_wait_seconds", "From when a job was ready to its reservation"),
      labelNames: LABELS,
      buckets: [...buckets],
    });
  }

  /** Counts the change. */
  count(change: StoredChange): void {
    const { job, what, at } = change;
    const labels = { topic: this.#topics.of(job.topic), name: this.#names.of(job.name) };
    const tookS = this.#seen.tookS(job, at);
    const waitedS = what === "reserve" && job.state === "reserved" ? this.#seen.waitedS(job, at) : undefined;
    this.#seen.see(change);
    const ended = (outcome: "done" | "retried" | "failed"): void => {
      if (tookS !== undefined) this.#duration.observe({ ...labels, outcome }, tookS);
    };
    if (waitedS !== undefined) this.#wait.observe(labels, waitedS);
    if (what === "insert") this.#enqueued.inc(labels);
    if (what === "expire") this.#leaseLost.inc(labels);
    if (what === "done") {
      this.#completed.inc(labels);
      ended("done");
    }
    if (what === "retry" && job.state !== "canceled") {
      this.#retried.inc(labels);
      ended("retried");
    }
    if (what === "remove" || job.state !== "canceled" || job.reason === "canceled" || job.finishedAt !== at) return;
    this.#failed.inc({ ...labels, reason: job.reason ?? "canceled" });
    if (what === "retry" || job.reason === "rejected") ended("failed");
  }
}
