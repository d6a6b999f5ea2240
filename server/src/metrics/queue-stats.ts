import type { JobHead, JobId } from "@jobq/core";
import type { JobService } from "@jobq/service";
import { type Infer, integer, object, string } from "../schema/schema.ts";
import { wireStateOf } from "../wire/states.ts";

const count = integer({ min: 0 });

/** How many jobs there are in each state, as GopherQueue's clients know it. */
export const queueStatsSchema = object({
  pending: count,
  scheduled: count.describe("always 0: no job here is ever in that state"),
  running: count,
  delayed: count.describe("those between two attempts included"),
  completed: count,
  failed: count,
  dead_letter: count,
  cancelled: count,
  total_jobs: count,
  storage_bytes: count.describe("always 0: stores do not tell"),
  timestamp: string({ format: "date-time" }),
}).named("QueueStats");

/** Counts by state. */
export type QueueStats = Omit<Infer<typeof queueStatsSchema>, "timestamp">;

type Source = Pick<JobService, "tally" | "find">;

const PAGE = 10_000;

/** Counts the jobs of a service. */
export async function queueStats(svc: Source): Promise<QueueStats> {
  const counts = { delayed: 0, ready: 0, reserved: 0, done: 0, canceled: 0 };
  for (const { state, count: jobs } of await svc.tally()) counts[state] += jobs;
  const canceled = counts.canceled > 0 ? await countCanceled(svc) : { failed: 0, dead_letter: 0, cancelled: 0 };
  const { ready: pending, reserved: running, delayed, done: completed } = counts;
  const ended = canceled.failed + canceled.dead_letter + canceled.cancelled;
  const total = pending + running + delayed + completed + ended;
  return { pending, scheduled: 0, running, delayed, completed, ...canceled, total_jobs: total, storage_bytes: 0 };
}

async function countCanceled(svc: Source): Promise<Pick<QueueStats, "failed" | "dead_letter" | "cancelled">> {
  const counts = { failed: 0, dead_letter: 0, cancelled: 0 };
  let after: JobId | undefined;
  for (;;) {
    const page: readonly JobHead[] = await svc.find({ state: "canceled", after, limit: PAGE });
    for (const job of page) counts[wireStateOf(job) as keyof typeof counts] += 1;
    after = page.at(-1)?.id;
    if (page.length < PAGE) return counts;
  }
}
