/**
 * The waiting, delayed and failed jobs of BullMQ queues, and their job schedulers, become jobs and schedules here. Run it in
 * the project that has bullmq, while no worker runs:
 *
 *   node --import tsx from-bullmq.ts --queues emails,reports --redis redis://127.0.0.1:6379 --to level://data --dry-run
 */
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { EnqueueOptions } from "@jobq/service";
import { cron, every } from "@jobq/service/cron";
import { constant, exponential } from "@jobq/service/retry";
import {
  type ForeignJob,
  type ForeignSchedule,
  type LeftJobs,
  runMigration,
  type Source,
  weightOf,
} from "./migrate.ts";

/** Of a `Queue` of BullMQ 5 or 6 what is needed. */
export interface BullQueue {
  readonly name: string;
  toKey(type: string): string;
  getJobs(types: BullState[], start: number, end: number, asc: boolean): Promise<readonly BullJob[]>;
  getJobCounts(...types: BullState[]): Promise<Readonly<Record<string, number>>>;
  getDeduplicationJobId(id: string): Promise<string | null>;
  getJobSchedulers(start: number, end: number, asc: boolean): Promise<readonly BullScheduler[]>;
  /** Of BullMQ 5. */
  readonly client?: Promise<BullClient>;
  /** Of BullMQ 6. */
  getBackend?(): { readonly client?: Promise<BullClient> };
}

type BullState = "waiting" | "prioritized" | "delayed" | "failed" | "active" | "waiting-children";

interface BullClient {
  zscore(key: string, member: string): Promise<string | null>;
}

interface BullOptions {
  readonly attempts?: number;
  readonly priority?: number;
  readonly jobId?: string;
  readonly backoff?: number | { readonly type: string; readonly delay?: number; readonly jitter?: number };
}

interface BullJob {
  readonly id?: string | undefined;
  readonly name: string;
  readonly data: unknown;
  readonly opts: BullOptions;
  readonly timestamp: number;
  readonly delay: number;
  readonly priority?: number;
  readonly attemptsMade: number;
  readonly failedReason?: string | null | undefined;
  readonly finishedOn?: number | undefined;
  readonly parentKey?: string | undefined;
  readonly repeatJobKey?: string | undefined;
  readonly deduplicationId?: string | undefined;
}

interface BullScheduler {
  readonly key: string;
  readonly name: string;
  readonly pattern?: string;
  readonly every?: number;
  readonly next?: number;
  readonly tz?: string;
  readonly endDate?: number;
  readonly limit?: number;
  readonly template?: { readonly data?: unknown; readonly opts?: BullOptions };
}

const STATES = ["waiting", "prioritized", "delayed", "failed"] as const;
const PAGE = 500;

/** Jobs of a queue go to the topic of its name; those of a flow are left, since its parent could not hear of them. */
export function bullmqSource(queues: readonly BullQueue[]): Source {
  return {
    name: "bullmq",
    async *jobs() {
      for (const queue of queues) yield* jobsOf(queue);
    },
    async schedules() {
      const found = await Promise.all(
        queues.map(async (queue) =>
          (await queue.getJobSchedulers(0, -1, true)).map((one) => scheduleOf(queue.name, one)),
        ),
      );
      return found.flat();
    },
  };
}

async function* bullJobsOf(queue: BullQueue): AsyncGenerator<readonly [BullJob, (typeof STATES)[number]]> {
  for (const state of STATES) {
    for (let start = 0; ; start += PAGE) {
      const jobs = await queue.getJobs([state], start, start + PAGE - 1, true);
      for (const job of jobs) yield [job, state];
      if (jobs.length === 0) break;
    }
  }
}

async function* jobsOf(queue: BullQueue): AsyncGenerator<ForeignJob | LeftJobs> {
  const counts = await queue.getJobCounts("active", "waiting-children");
  yield { left: "running", count: counts.active ?? 0 };
  yield { left: "parents of flows", count: counts["waiting-children"] ?? 0 };
  const client = await (queue.client ?? queue.getBackend?.().client);
  for await (const [job, state] of bullJobsOf(queue)) {
    const isNextOfScheduler = job.repeatJobKey !== undefined && state === "delayed" && job.attemptsMade === 0;
    if (job.parentKey) yield { left: "children of flows", count: 1 };
    if (job.parentKey || isNextOfScheduler) continue;
    const id = String(job.id);
    const failed = state === "failed" ? { at: job.finishedOn ?? job.timestamp } : undefined;
    yield {
      id,
      rank: /^\d+$/.test(id) ? Number(id) : 0,
      createdAt: job.timestamp,
      topic: queue.name,
      payload: job.data,
      options: {
        ...optionsOf(job.name, { ...job.opts, priority: job.priority ?? job.opts.priority ?? 0 }),
        ...(state === "delayed" && { at: await dueAt(queue, client, job) }),
        unique: await uniqueOf(queue, job),
      },
      attempts: job.attemptsMade,
      failed,
      error: job.failedReason ?? undefined,
    };
  }
}

/** After a failure its delay counts from there: only the score in the set of the delayed knows. */
async function dueAt(queue: BullQueue, client: BullClient | undefined, job: BullJob): Promise<number> {
  const score = await client?.zscore(queue.toKey("delayed"), String(job.id));
  return score ? Math.floor(Number(score) / 0x1000) : job.timestamp + job.delay;
}

/** Ids and deduplication belong to their queue there; keys are of the whole store here. */
async function uniqueOf(queue: BullQueue, { id, opts, deduplicationId }: BullJob): Promise<EnqueueOptions["unique"]> {
  if (deduplicationId && (await queue.getDeduplicationJobId(deduplicationId)) === id)
    return `${queue.name}:${deduplicationId}`;
  return opts.jobId === undefined ? undefined : { key: `${queue.name}:${opts.jobId}`, while: "kept" };
}

function optionsOf(name: string, { attempts = 1, priority = 0, backoff }: BullOptions): EnqueueOptions {
  return {
    name,
    weight: weightOf(priority),
    maxRetries: Math.max(0, attempts - 1),
    retry: retryOf(backoff),
    origin: "bullmq",
  };
}

/** One of a strategy of its own has its counterpart in the definition of the job: `retryWhen`. */
function retryOf(backoff: BullOptions["backoff"]): EnqueueOptions["retry"] {
  if (backoff === undefined) return constant(0);
  const { type, delay = 0, jitter = 0 } = typeof backoff === "number" ? { type: "fixed", delay: backoff } : backoff;
  if (type === "fixed") return constant(delay, { jitter });
  return type === "exponential" ? exponential({ min: delay, max: "365d", factor: 2, jitter }) : undefined;
}

function scheduleOf(queue: string, scheduler: BullScheduler): ForeignSchedule {
  const { key, name, pattern, tz, next, endDate, limit, template = {} } = scheduler;
  return {
    name: `${queue}:${key}`,
    plan() {
      if (limit !== undefined) throw new RangeError(`a number of times (${limit}) has no counterpart`);
      const options = {
        topic: queue,
        payload: template.data,
        timezone: tz ?? Intl.DateTimeFormat().resolvedOptions().timeZone, // BullMQ's is that of the process
        until: endDate,
        options: optionsOf(name, template.opts ?? {}),
      };
      return [pattern ? cron(pattern) : every(scheduler.every ?? 0, { from: next }), options];
    },
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await runMigration(["queues", "redis"], async ({ queues, redis = "redis://127.0.0.1:6379" }) => {
    if (queues === undefined) throw new TypeError("--queues must name the queues, with commas in between");
    const { Queue } = createRequire(join(process.cwd(), "x.js"))("bullmq");
    const open: (BullQueue & { close(): Promise<void> })[] = queues
      .split(",")
      .map((name) => new Queue(name, { connection: { url: redis } }));
    return { ...bullmqSource(open), close: () => Promise.all(open.map((queue) => queue.close())) };
  });
}
