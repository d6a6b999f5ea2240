import { type JobId, JobqError } from "@jobq/core";
import type { EnqueueOptions, EnqueueRequest, JobService, ReservedJob } from "@jobq/service";
import type { Random } from "../../../../conformance/src/simulator/random.ts";
import type { Settling, Tell } from "./report.ts";

/** The topics of the jobs. */
export const TOPICS = ["letters", "parcels"] as const;
/** The unique keys there are; few, so that they collide. */
export const KEYS = ["k0", "k1", "k2", "k3", "k4", "k5"] as const;

/** No job ends for having been tried or lost too often. */
export const DEFAULTS = { maxRetries: 1_000_000, maxLeaseLosses: 1_000_000, backoff: { min: 1, max: 10 } };

/** What a job carries: its business number. */
export interface Payload {
  readonly number: number;
}
export type Service = JobService<Record<string, Payload>>;

/** What the loops of a process share. */
export interface Shop {
  readonly service: Service;
  readonly random: Random;
  readonly tell: Tell;
  /** The next business number that nobody has used. */
  next: number;
}

/** Enqueues one job, or a few in one unit, some of them delayed, some under a unique key; then now and then meddles. */
export async function produce(shop: Shop): Promise<void> {
  const { service, random, tell } = shop;
  const unique = random.chance(0.25) ? random.pick(KEYS) : undefined;
  const delay = random.chance(0.25) ? random.between(1, 40) : undefined;
  const count = unique === undefined && random.chance(0.3) ? random.between(2, 6) : 1;
  const numbers = Array.from({ length: count }, () => shop.next++);
  const runAt = delay === undefined ? undefined : Date.now() + delay;
  const options: EnqueueOptions = {
    weight: random.between(-2, 2),
    ...(unique !== undefined && { unique }),
    ...(delay !== undefined && { delay }),
  };
  const requests = numbers.map((number) => ({ topic: random.pick(TOPICS), payload: { number }, options }));
  tell({ op: "enqueue", numbers, runAt, unique });
  const ids = await enqueue(service, requests, unique, (duplicate, stored) =>
    tell({ op: "enqueue", numbers, runAt, unique, ids: stored, duplicate }),
  );
  if (random.chance(0.1)) await meddle(shop, random.pick(ids), random.chance(0.7) ? "cancel" : "remove");
}

type Requests = readonly EnqueueRequest<Record<string, Payload>>[];

async function enqueue(
  service: Service,
  requests: Requests,
  unique: string | undefined,
  acknowledged: (duplicate: boolean, ids: JobId[]) => void,
): Promise<JobId[]> {
  const [first] = requests;
  if (first && requests.length === 1 && unique === undefined) {
    const id = await service.enqueue(first.topic, first.payload, first.options);
    acknowledged(false, [id]);
    return [id];
  }
  const receipts = await service.enqueueMany(requests);
  const ids = receipts.map(({ id }) => id);
  acknowledged(
    receipts.some(({ duplicate }) => duplicate),
    ids,
  );
  return ids;
}

async function meddle({ service, tell }: Shop, id: JobId, op: "cancel" | "remove"): Promise<void> {
  tell({ op, id });
  const ok = await allowed(op === "cancel" ? service.cancel(id) : service.remove(id));
  tell({ op, id, ok, answeredAt: Date.now() });
}

/** Reserves a few jobs and settles each of them in one way or another; `done` is all that a drain does. */
export async function consume({ service, random, tell }: Shop, leaseMs: number, drain = false): Promise<void> {
  const askedAt = Date.now();
  const limit = drain ? 100 : random.between(1, 8);
  const jobs = await service.reserve(random.pick(TOPICS), limit, { lease: leaseMs, wait: 5 });
  if (jobs.length === 0) return;
  const held = jobs.map(({ id, token, payload }) => ({ id, token, number: payload.number }));
  tell({ op: "reserve", askedAt, answeredAt: Date.now(), leaseMs, jobs: held });
  await Promise.all(
    jobs.map((job) => {
      const how = drain ? "done" : random.weighted({ done: 7, retry: 2, cancel: 1, release: 2 });
      return settle(job, how, how === "retry" ? random.between(0, 30) : 0, tell);
    }),
  );
}

async function settle(job: ReservedJob<Payload>, how: Settling, delayMs: number, tell: Tell): Promise<void> {
  const report = { op: "settle", how, id: job.id, token: job.token, delayMs, at: Date.now() } as const;
  tell(report);
  const answer = how === "retry" ? job.retry({ delay: delayMs }) : job[how]();
  const ok = await allowed(answer);
  tell({ ...report, ok, answeredAt: Date.now() });
}

/** Whether the change was made; a state that does not allow it is no fault. */
async function allowed(change: Promise<void>): Promise<boolean> {
  try {
    await change;
    return true;
  } catch (error) {
    const refusals: readonly string[] = ["LEASE_LOST", "INVALID_STATE", "JOB_NOT_FOUND"];
    if (error instanceof JobqError && refusals.includes(error.code)) return false;
    throw error;
  }
}
