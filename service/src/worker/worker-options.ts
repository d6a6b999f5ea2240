import { checkOptions, type Duration, durationMs, type OptionNames, outOfRange, wrongType } from "@jobq/core";
import { checkInteger, checkName, checkType, leaseMs } from "../module.ts";
import type { JobDefinition } from "./define-job.ts";
import type { JobContext } from "./job-context.ts";
import type { RateSettings } from "./rate/rate.ts";

/** How a worker works on one topic. */
export interface TopicOptions {
  /** How many jobs of the topic run at once in this worker, from 1 to 10,000; 10. */
  readonly concurrency?: number | undefined;
  /**
   * How many of the worker's slots no other topic may use, up to `concurrency`; 0. All shares together are at most the
   * `concurrency` of the worker, and leave a slot for topics that have none.
   */
  readonly share?: number | undefined;
  /**
   * This worker starts at most `max` (1 to 1,000,000) of its jobs in any span of length `per`. With a `key`, the rate
   * belongs to all workers over the same store that name it, in any process and on any topic.
   */
  readonly rate?: { readonly max: number; readonly per: Duration; readonly key?: string | undefined } | undefined;
}

/** {@link TopicOptions}, checked, with what is not said filled in. */
export interface TopicSettings {
  readonly concurrency: number;
  readonly share: number;
  readonly rate: RateSettings | undefined;
}

/**
 * A function around each run of a handler. It calls `next` for the rest, and what it returns is the result of the job.
 * If a workflow suspends itself, `next` resolves with `SUSPENDED`, which is not a success.
 */
export type RunMiddleware = (ctx: JobContext, next: () => Promise<unknown>) => unknown;

/** Functions that are called for each run. What they throw becomes an `error` event and changes no outcome. */
export interface WorkerHooks {
  readonly onStart?: ((ctx: JobContext) => unknown) | undefined;
  readonly onDone?: ((ctx: JobContext, result: unknown) => unknown) | undefined;
  /** The attempt failed and another follows. */
  readonly onRetry?: ((ctx: JobContext, error: unknown) => unknown) | undefined;
  /** The job failed for good. */
  readonly onFail?: ((ctx: JobContext, error: unknown) => unknown) | undefined;
}

/** The options of `createWorker`. */
export interface WorkerOptions extends WorkerHooks {
  /** The definitions that it runs; their names must differ. */
  readonly jobs?: readonly JobDefinition<never, unknown>[] | undefined;
  /** The topics it works on; by default those of its jobs. */
  readonly topics?: Readonly<Record<string, TopicOptions>> | undefined;
  /** How many jobs run at once over all topics, at least 1; by default the sum of the topics' concurrency. */
  readonly concurrency?: number | undefined;
  /**
   * The lease of its jobs, renewed after a third; 30 seconds. If the worker dies, its jobs run elsewhere after this
   * time.
   */
  readonly lease?: Duration | undefined;
  /**
   * How many jobs per topic are reserved in advance, up to 10,000; 0. Jobs that have not started at a stop are given back
   * at no cost.
   */
  readonly prefetch?: number | undefined;
  /** Runs jobs whose name has no definition; without it they are left to other workers. */
  readonly fallback?: ((payload: unknown, ctx: JobContext) => unknown) | undefined;
}

/** The options of a worker, checked, with what is not said filled in. */
export interface WorkerSettings extends WorkerHooks {
  readonly definitions: ReadonlyMap<string, JobDefinition>;
  readonly topics: ReadonlyMap<string, TopicSettings>;
  readonly concurrency: number;
  readonly leaseMs: number;
  readonly prefetch: number;
  readonly fallback: ((payload: unknown, ctx: JobContext) => unknown) | undefined;
}

const OPTIONS: OptionNames<WorkerOptions> = {
  jobs: true,
  topics: true,
  concurrency: true,
  lease: true,
  prefetch: true,
  fallback: true,
  onStart: true,
  onDone: true,
  onRetry: true,
  onFail: true,
};
const TOPIC_OPTIONS: OptionNames<TopicOptions> = { concurrency: true, share: true, rate: true };
const MAX_CONCURRENCY = 10_000;
const MAX_RATE = 1_000_000;

/** @throws {TypeError | RangeError} an invalid option */
export function workerSettings(options: WorkerOptions): WorkerSettings {
  checkOptions(checkType(options, "object", "options"), OPTIONS);
  const { jobs = [], lease = "30s", prefetch = 0, fallback, onStart, onDone, onRetry, onFail } = options;
  const definitions = byName(jobs as readonly JobDefinition[]);
  const topics = topicsOf(options.topics, definitions);
  if (topics.size === 0) throw wrongType("topics", "given when there are no jobs", options.topics);
  const sum = [...topics.values()].reduce((all, { concurrency }) => all + concurrency, 0);
  const concurrency = checkInteger(options.concurrency ?? sum, "concurrency", 1, MAX_CONCURRENCY * topics.size);
  checkShares(topics, concurrency);
  const hooks = { onStart, onDone, onRetry, onFail };
  for (const [name, hook] of Object.entries({ ...hooks, fallback })) {
    if (hook !== undefined) checkType(hook, "function", name);
  }
  return {
    ...hooks,
    fallback,
    definitions,
    topics,
    concurrency,
    leaseMs: leaseMs(lease),
    prefetch: checkInteger(prefetch, "prefetch", 0, MAX_CONCURRENCY),
  };
}

function byName(jobs: readonly JobDefinition[]): ReadonlyMap<string, JobDefinition> {
  if (!Array.isArray(jobs)) throw wrongType("jobs", "an array", jobs);
  const definitions = new Map<string, JobDefinition>();
  for (const job of jobs) {
    if (typeof job?.parse !== "function") throw wrongType("a job", "made by defineJob", job);
    if (definitions.has(job.name)) throw wrongType("jobs", "of different names", job.name);
    definitions.set(job.name, job);
  }
  return definitions;
}

function topicsOf(
  topics: WorkerOptions["topics"],
  definitions: ReadonlyMap<string, JobDefinition>,
): WorkerSettings["topics"] {
  const given: Readonly<Record<string, TopicOptions>> =
    topics ?? Object.fromEntries([...definitions.values()].map(({ topic }) => [topic, {}]));
  return new Map(
    Object.entries(checkType(given, "object", "topics")).map(([topic, options]) => {
      checkName(topic, "topic");
      checkOptions(checkType(options, "object", `topics.${topic}`), TOPIC_OPTIONS, `topics.${topic}`);
      const { concurrency = 10, share = 0, rate } = options;
      checkInteger(concurrency, `topics.${topic}.concurrency`, 1, MAX_CONCURRENCY);
      checkInteger(share, `topics.${topic}.share`, 0, concurrency);
      return [topic, { concurrency, share, rate: rate && rateOf(rate, `topics.${topic}.rate`) }];
    }),
  );
}

/** Slots that are reserved for others are no topic's own: what is reserved beyond those there are would stop them all. */
function checkShares(topics: WorkerSettings["topics"], concurrency: number): void {
  const sum = [...topics.values()].reduce((all, { share }) => all + share, 0);
  if (sum > concurrency) throw outOfRange("the sum of all shares", `at most the concurrency, ${concurrency}`, sum);
  const without = [...topics].find(([, { share }]) => share === 0);
  if (sum === concurrency && without) {
    throw outOfRange(`topics.${without[0]}.share`, `at least 1, since the other shares take all ${sum} slots`, 0);
  }
}

function rateOf(rate: NonNullable<TopicOptions["rate"]>, what: string): TopicSettings["rate"] {
  checkOptions(checkType(rate, "object", what), { max: true, per: true, key: true }, what);
  const perMs = durationMs(rate.per, `${what}.per`);
  if (perMs === 0) throw outOfRange(`${what}.per`, "longer than nothing", rate.per);
  const key = rate.key === undefined ? undefined : checkName(rate.key, `${what}.key`);
  return { max: checkInteger(rate.max, `${what}.max`, 1, MAX_RATE), perMs, key };
}
