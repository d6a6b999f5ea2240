export { type Metrics, metrics } from "./metrics.ts";
export type { MetricsOptions } from "./metrics-options.ts";
