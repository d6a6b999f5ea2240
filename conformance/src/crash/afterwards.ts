import { entryOf, heldKey, type Job, type JobHead, type QueueStore } from "@jobq/core";
import { equal } from "../check.ts";
import { TEST_NOW, testId, testJob } from "../test-job.ts";
import { waitingForSlot } from "../waiting-for-slot.ts";

const EVERYTHING = 1_000;
const LATER = TEST_NOW + 1_000_000;
/** Numbers of jobs that no story has. */
const FRESH = 900;

/**
 * All that a store holds, as text; and fails unless everything in it goes on: what is ready can be reserved in its order,
 * what is delayed becomes due, leases end, keys are held by who has them, and the counts are right.
 */
export async function afterwards(store: QueueStore): Promise<string> {
  const heads = await store.jobs.find({ limit: EVERYTHING });
  const jobs = (await store.jobs.get(heads.map(({ id }) => id))) as Job[];
  const notes = await Promise.all(heads.map(({ id }) => store.jobs.notes(id)));
  const waiting = await waitingForSlot(store.jobs, "limit", EVERYTHING);
  const tally = (await store.jobs.tally()).map(({ topic, state, count }) => `${topic} ${state} ${count}`).sort();
  equal(tally, tallyOf(jobs), "tally after a death");
  await keysAreHeld(store, jobs);
  await allGoesOn(store, jobs);
  return JSON.stringify({ jobs: jobs.map(plain), notes, waiting: waiting.map(({ id }) => id) });
}

async function keysAreHeld(store: QueueStore, jobs: readonly Job[]): Promise<void> {
  for (const [index, unique] of ["key 1", "key 2", "key 3"].entries()) {
    const holder = jobs.find((job) => heldKey(job) === unique);
    const probe = testJob(FRESH + index, { topic: "probe", unique });
    const [outcome] = await store.commit([{ now: TEST_NOW, insert: [probe], remove: [probe.id] }]);
    equal(outcome?.ok && outcome.inserted, [holder?.id ?? testId(FRESH + index)], `who holds ${unique} after a death`);
  }
}

async function allGoesOn(store: QueueStore, jobs: readonly Job[]): Promise<void> {
  const idsOf = (some: readonly JobHead[]) => some.map(({ id }) => id).sort();
  const entries = jobs.flatMap((job) => entryOf(job) ?? []);
  for (const topic of ["topic", "other"]) {
    const [taken] = await store.reserve([{ topic, limit: EVERYTHING, by: "next", leaseMs: LATER }], TEST_NOW);
    const ready = entries.filter((entry) => entry.topic === topic && entry.at === undefined);
    equal(idsOf(taken ?? []), ready.map(({ id }) => id).sort(), `what can be reserved of ${topic} after a death`);
  }
  const due = entries.filter(({ at }) => at !== undefined).map(({ id }) => id);
  equal(idsOf(await store.promote(LATER, EVERYTHING)), due.sort(), "what becomes due after a death");
  const held = jobs.filter(({ state }) => state === "reserved");
  equal(idsOf(await store.expire(LATER, EVERYTHING)), idsOf(held), "the leases that end after a death");
}

function tallyOf(jobs: readonly Job[]): string[] {
  const counts = new Map<string, number>();
  for (const { topic, state } of jobs) counts.set(`${topic} ${state}`, (counts.get(`${topic} ${state}`) ?? 0) + 1);
  return [...counts].map(([key, count]) => `${key} ${count}`).sort();
}

/** The job with its fields in one order, without those that are undefined. */
function plain(job: Job): Partial<Job> {
  return Object.fromEntries(
    Object.entries(job)
      .filter(([, value]) => value !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}
