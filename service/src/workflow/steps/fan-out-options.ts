import { checkOptions, type Duration, type OptionNames, outOfRange, type Topic, wrongType } from "@jobq/core";
import { checkInteger, checkOwnTopic, checkType, type EnqueueOptions } from "../../module.ts";
import type { JobDefinition } from "../../worker/index.ts";

/**
 * What happens when children fail. `failFast`: the first failure ends the fan-out. `collectAll`: no failure does.
 * `threshold`: it fails as soon as this share of the items, from 0 to 1, can no longer succeed.
 */
export type FanOutStrategy = "failFast" | "collectAll" | { readonly threshold: number };

/** The options of `ctx.fanOut`. */
export interface FanOutOptions {
  /** What happens when children fail; `failFast`. */
  readonly strategy?: FanOutStrategy | undefined;
  /** How many children are admitted at once; by default all. */
  readonly concurrency?: number | undefined;
  /** Where the children are enqueued; by default the topic of the job. */
  readonly topic?: Topic | undefined;
  /** Number of retries of each child; by default as in the definition. */
  readonly retries?: number | undefined;
  /** The lease of a child's reservation that does not ask for another one; by default as in the definition. */
  readonly timeout?: Duration | undefined;
}

/** The options of a child workflow. */
export type ChildOptions = Pick<FanOutOptions, "topic" | "retries" | "timeout">;

/** How to fan out, checked. */
export interface FanOut {
  readonly strategy: "failFast" | "collectAll" | "threshold";
  /** So many items have to succeed. */
  readonly least: number;
  readonly topic: string;
  readonly options: EnqueueOptions;
}

const OPTIONS: OptionNames<FanOutOptions> = {
  strategy: true,
  concurrency: true,
  topic: true,
  retries: true,
  timeout: true,
};
const CHILD: OptionNames<ChildOptions> = { topic: true, retries: true, timeout: true };
const THRESHOLD = { threshold: true } as const;
const MAX_CONCURRENCY = 10_000;
const MAX_ITEMS = 1_000_000;

/** @throws {TypeError | RangeError} an invalid option */
export function fanOutOf(
  job: JobDefinition,
  items: readonly unknown[],
  given: FanOutOptions,
  limitKey: string,
): FanOut {
  if (!Array.isArray(items)) throw wrongType("items", "an array", items);
  checkInteger(items.length, "the number of items", 0, MAX_ITEMS);
  checkOptions(checkType(given, "object", "options"), OPTIONS);
  const { strategy = "failFast", concurrency, topic = job.topic, retries, timeout } = given;
  if (concurrency !== undefined && job.options.limit !== undefined) {
    throw wrongType("concurrency", `left out where jobs of ${job.name} have a limit of their own`, concurrency);
  }
  return {
    ...strategyOf(strategy, items.length),
    topic: checkOwnTopic(topic),
    options: {
      ...(retries !== undefined && { maxRetries: retries }),
      ...(timeout !== undefined && { timeout }),
      ...(concurrency !== undefined && {
        limit: { key: limitKey, concurrency: checkInteger(concurrency, "concurrency", 1, MAX_CONCURRENCY) },
      }),
    },
  };
}

/** @throws {TypeError | RangeError} an invalid option */
export function childOf(workflow: JobDefinition, payload: unknown, given: ChildOptions): FanOut {
  checkOptions(checkType(given, "object", "options"), CHILD);
  return fanOutOf(workflow, [payload], given, "");
}

function strategyOf(strategy: FanOutStrategy, count: number): Pick<FanOut, "strategy" | "least"> {
  if (strategy === "failFast") return { strategy, least: count };
  if (strategy === "collectAll") return { strategy, least: 0 };
  if (typeof strategy !== "object" || strategy === null) {
    throw wrongType("strategy", '"failFast", "collectAll" or { threshold }', strategy);
  }
  checkOptions(strategy, THRESHOLD, "strategy");
  const { threshold } = strategy;
  if (!(threshold >= 0 && threshold <= 1)) throw outOfRange("strategy.threshold", "a share from 0 to 1", threshold);
  return { strategy: "threshold", least: Math.ceil(threshold * count) };
}
