import type { Registry } from "prom-client";
import { checkType, contextOf, type JobService, type StoredChangeType, type TopicMap } from "../module.ts";
import { BoundedLabels } from "./bounded-labels.ts";
import { DepthMetrics } from "./depth-metrics.ts";
import { FlowMetrics } from "./flow-metrics.ts";
import { type MetricsOptions, metricsSettings } from "./metrics-options.ts";
import { SeenInstants } from "./seen-instants.ts";
import { workerMetrics } from "./worker-metrics.ts";

/** The metrics of a service, until they are stopped. */
export interface Metrics {
  /** All of the registry as text in Prometheus's format: what `/metrics` serves. */
  text(): Promise<string>;
  /** Counts no further; what was counted stays in the registry. */
  stop(): void;
}

/** What says nothing that is counted. */
const NOT_COUNTED: readonly StoredChangeType[] = ["extend", "link", "resolve", "freeKey", "check"];

/**
 * Keeps the metrics of a service in a registry of prom-client, from now on. What fails there changes nothing about jobs
 * and is an `error` event.
 * @throws {TypeError | RangeError} an invalid option
 * @throws {Error} the registry has metrics of these names
 */
export function metrics<Topics extends TopicMap>(
  service: JobService<Topics>,
  registry: Registry,
  options: MetricsOptions = {},
): Metrics {
  checkType(registry?.registerMetric, "function", "registry.registerMetric");
  const settings = metricsSettings(options);
  const context = contextOf(service);
  const topics = new BoundedLabels(settings.mostLabels);
  const seen = new SeenInstants();
  const flow = new FlowMetrics(registry, topics, seen, settings);
  new DepthMetrics(context, registry, topics, seen, settings);
  workerMetrics(registry, settings);
  const stop = context.onStored(
    (changes) => {
      let failure: { readonly error: unknown } | undefined;
      for (const change of changes) {
        try {
          flow.count(change);
        } catch (error) {
          failure ??= { error };
        }
      }
      if (failure) throw failure.error; // told once for all of them
    },
    (_, what) => !NOT_COUNTED.includes(what),
  );
  return { text: () => registry.metrics(), stop };
}
