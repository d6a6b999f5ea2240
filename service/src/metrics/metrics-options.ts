import { checkOptions, type OptionNames, outOfRange, wrongType } from "@jobq/core";
import { checkInteger, checkType } from "../module.ts";
import type { Worker } from "../worker/index.ts";

/** The options of `metrics`. */
export interface MetricsOptions {
  /** Put before each metric name; none. Two services in one registry need different prefixes. */
  readonly prefix?: string | undefined;
  /** How many topics, and how many names, get their own labels; later ones count as `other`. 100. */
  readonly mostLabels?: number | undefined;
  /** Upper bounds of the histograms, in seconds; 14 from 5 ms to an hour. */
  readonly buckets?: readonly number[] | undefined;
  /** Workers whose slots are shown, by name. */
  readonly workers?: Readonly<Record<string, Worker>> | undefined;
}

const OPTIONS: OptionNames<MetricsOptions> = { prefix: true, mostLabels: true, buckets: true, workers: true };
const BUCKETS = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600];

/** The options, checked, with what is not said filled in. */
export type MetricsSettings = { readonly [Name in keyof MetricsOptions]-?: Exclude<MetricsOptions[Name], undefined> };

/** @throws {TypeError | RangeError} an invalid option */
export function metricsSettings(options: MetricsOptions): MetricsSettings {
  checkOptions(checkType(options, "object", "options"), OPTIONS);
  const { prefix = "", mostLabels = 100, buckets = BUCKETS, workers = {} } = options;
  checkType(prefix, "string", "prefix");
  if (!Array.isArray(buckets)) throw wrongType("buckets", "an array", buckets);
  checkBuckets(buckets);
  for (const [name, worker] of Object.entries(checkType(workers, "object", "workers")))
    checkType(worker?.running, "number", `workers.${name}.running`);
  return { prefix, mostLabels: checkInteger(mostLabels, "mostLabels", 0, 10_000), buckets, workers };
}

/** @throws {TypeError | RangeError} bounds that are no numbers, or do not rise: counts by them would be wrong */
function checkBuckets(buckets: readonly number[]): void {
  let below = Number.NEGATIVE_INFINITY;
  for (const bound of buckets) {
    if (!(checkType(bound, "number", "a bound of buckets") > below) || bound === Number.POSITIVE_INFINITY)
      throw outOfRange("buckets", "finite numbers that rise", buckets);
    below = bound;
  }
}
