import { Gauge, type Registry } from "prom-client";
import type { MetricsSettings } from "./metrics-options.ts";

/** How much of its workers a process uses. */
export function workerMetrics(registry: Registry, { prefix, workers }: MetricsSettings): void {
  const all = Object.entries(workers);
  if (all.length === 0) return;
  new Gauge({
    name: `${prefix}jobs_worker_slots`,
    help: "Jobs that a worker runs at once at most",
    labelNames: ["worker"],
    registers: [registry],
    collect() {
      for (const [worker, { concurrency }] of all) this.set({ worker }, concurrency);
    },
  });
  new Gauge({
    name: `${prefix}jobs_worker_slots_used`,
    help: "Jobs that a worker runs now",
    labelNames: ["worker"],
    registers: [registry],
    collect() {
      for (const [worker, { running }] of all) this.set({ worker }, running);
    },
  });
}
