import type { Job, JobHead, JobId, JobQuery, JobRepository, LimitSlots, Tally } from "@jobq/core";
import { equal } from "../../check.ts";
import { headOf, TEST_NOW, testId } from "../../test-job.ts";
import type { JobModel } from "./model.ts";
import { sorted } from "./tally.ts";

/** By each way in which a store may find jobs. */
const QUERIES: readonly Partial<JobQuery>[] = [
  {},
  { order: "newest" },
  ...(["delayed", "ready", "reserved", "done", "canceled"] as const).map((state) => ({ state })),
  { live: true },
  { topic: "topic", state: "ready" },
  { unique: "key" },
  { tags: { env: "prod" } },
  { group: "group" },
  { awaitsGroup: true },
  { limitKey: "limit", slot: "held" },
  { limitKey: "limit", slot: "awaited" },
  { owes: true },
  { leaseEndsBy: TEST_NOW + 1_000_000 },
  { reservedBefore: TEST_NOW + 1_000_000 },
  { finishedBy: TEST_NOW + 1_000_000 },
];

type Reads = Pick<JobRepository, "get" | "find" | "nextLeaseEndAt" | "slots" | "tally" | "notes">;

/** What every read of a store, or of the model, shows of jobs with these numbers. */
export async function everything(jobs: Reads | JobModel, numbers: readonly number[]): Promise<unknown> {
  const ids = numbers.map(testId);
  const find = async (query: Partial<JobQuery>): Promise<JobHead[]> =>
    (await jobs.find({ limit: 100, ...query })).map(headOf);
  const tally = async (group?: string): Promise<readonly Tally[]> => sorted(await jobs.tally(group));
  const get = async (): Promise<readonly (Job | undefined)[]> => jobs.get(ids);
  return {
    get: await get(),
    find: await Promise.all(QUERIES.map(async (query) => ({ query, heads: await find(query) }))),
    tally: await tally(),
    group: await tally("group"),
    lease: await jobs.nextLeaseEndAt(),
    slots: (await jobs.slots(["other", "limit"], 100)).map(sortedSlots),
    notes: await Promise.all(ids.map(async (id: JobId) => jobs.notes(id))),
  };
}

/** What a store says of the slots of a limit, in an order that is always the same. */
export function sortedSlots({ held, waiting }: LimitSlots): unknown {
  return { held: [...held].sort(), waiting: waiting.map(headOf) };
}

/** Fails unless every read of the store shows what the model has. */
export async function isAsModel(jobs: Reads, model: JobModel, numbers: readonly number[], when: string): Promise<void> {
  equal(await everything(jobs, numbers), await everything(model, numbers), when);
}
