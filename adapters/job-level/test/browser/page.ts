// Runs in the page: queues over IndexedDB and in memory, for a test to work with.
import type { JobId } from "@jobq/core";
import { levelJobs } from "@jobq/job-level";
import { memoryJobs } from "@jobq/job-memory";
import { levelTopics } from "@jobq/pq-level";
import { memoryTopics } from "@jobq/pq-memory";
import { createService, type JobService, type ReservedJob } from "@jobq/service";
import { BrowserLevel } from "browser-level";

const PAIRS = {
  fused: () => {
    const db = new BrowserLevel("fused");
    return { jobs: levelJobs(db), topics: levelTopics(db) };
  },
  "jobs in IndexedDB, topics in memory": () => ({
    jobs: levelJobs(new BrowserLevel("jobs")),
    topics: memoryTopics(),
  }),
  "all in memory": () => ({ jobs: memoryJobs(), topics: memoryTopics() }),
};

/** The pairs that a page can open. */
export type PagePair = keyof typeof PAIRS;

/** A job as a test sees it. */
export interface Reserved {
  readonly id: JobId;
  readonly payload: unknown;
  readonly token: number;
}

let service: JobService;
const held = new Map<JobId, ReservedJob>();

/** What a test calls in the page; answers are what can be sent out of it. */
const queue = {
  open(pair: PagePair): void {
    service = createService(PAIRS[pair]());
  },
  /** The code of what it fails with; empty when it does not. */
  codeOf: (work: () => Promise<unknown>): Promise<unknown> =>
    work().then(
      () => "",
      (error: unknown) => (error as { readonly code?: unknown }).code,
    ),
  enqueue: (payload: unknown, delay = 0): Promise<JobId> => service.enqueue("work", payload, { delay }),
  async enqueueAll(payloads: readonly unknown[]): Promise<JobId[]> {
    const receipts = await service.enqueueMany(payloads.map((payload) => ({ topic: "work", payload })));
    return receipts.map(({ id }) => id);
  },
  /** Enqueues one after the other, calling `acknowledged` for each, until the page goes. */
  async enqueueForever(): Promise<void> {
    const { acknowledged } = globalThis as unknown as { acknowledged(id: JobId): Promise<void> };
    for (let n = 0; ; n++) void acknowledged(await service.enqueue("work", n));
  },
  async reserve(limit: number, leaseMs: number): Promise<Reserved[]> {
    const jobs = await service.reserve("work", limit, { wait: "20s", lease: leaseMs });
    for (const job of jobs) held.set(job.id, job);
    return jobs.map(({ id, payload, token }) => ({ id, payload, token }));
  },
  log: async (id: JobId, line: string): Promise<void> => held.get(id)?.log(line),
  done: async (id: JobId, result?: unknown): Promise<void> => held.get(id)?.done(result),
  get: (id: JobId) => service.get(id),
  logs: async (id: JobId): Promise<string[]> => (await service.logs(id)).map(({ line }) => line),
  async counts(): Promise<Record<string, number>> {
    return Object.fromEntries((await service.tally()).map(({ state, count }) => [state, count]));
  },
};

declare global {
  var queueOfPage: typeof queue;
}
globalThis.queueOfPage = queue;
