import { CANCEL_REASONS, JOB_STATES, type JobRepository } from "@jobq/core";
import { levelJobs } from "@jobq/job-level";
import { memoryJobs } from "@jobq/job-memory";
import fc from "fast-check";
import { MemoryLevel } from "memory-level";
import { expect, test } from "vitest";
import { IDS, NOW, unit } from "./histories.ts";

const QUERIES = [
  {},
  ...JOB_STATES.map((state) => ({ state })),
  ...CANCEL_REASONS.map((reason) => ({ reason })),
  { topic: "y\0z" },
  { state: "ready" as const, topic: "x", after: "b" },
  { group: "a" },
  { group: "bundle", after: "c" },
  { leaseEndsBy: NOW + 8 },
  { finishedBy: NOW },
  { finishedFrom: NOW + 6 },
  { reservedBefore: NOW },
  { tags: { env: "prod" } },
  { order: "newest" as const },
  { order: "newest" as const, before: "d", state: "ready" as const },
  { before: "c~", after: "a" },
  { live: true as const, order: "newest" as const },
  { unique: "k" },
  { group: "bundle", live: true as const },
  { group: "a", state: "done" as const, order: "newest" as const, before: "c" },
  { owes: true as const },
  { owes: true as const, order: "newest" as const },
  { awaitsGroup: true as const },
  { limitKey: "lim" },
  { limitKey: "lim", slot: "held" as const },
  { slot: "held" as const, order: "newest" as const },
  { limitKey: "lim", slot: "awaited" as const },
  { slot: "awaited" as const, after: "b" },
];

/** All that can be asked of a repository. */
async function everything(jobs: JobRepository): Promise<unknown> {
  const found = [];
  for (const query of QUERIES) found.push(await jobs.find({ ...query, limit: 3 }));
  const notes = [];
  for (const id of IDS) for (const kind of [undefined, "log", "x-1"]) notes.push(await jobs.notes(id, kind));
  const tally = [];
  for (const group of [undefined, "a", "bundle"]) {
    tally.push((await jobs.tally(group)).map(({ topic, state, count }) => `${topic} ${state} ${count}`).sort());
  }
  const slots = [];
  for (const { held, waiting } of await jobs.slots(["lim\0it", "lim"], 2)) slots.push([[...held].sort(), waiting]);
  return { jobs: await jobs.get(IDS), found, notes, tally, slots, lease: await jobs.nextLeaseEndAt() };
}

test("every history of units ends as in memory, also when the process dies and the store is opened again", async () => {
  const batch = fc.record({ units: fc.array(unit, { minLength: 1, maxLength: 3 }), dies: fc.nat(3) });
  await fc.assert(
    fc.asyncProperty(fc.array(batch, { maxLength: 20 }), async (batches) => {
      const db = new MemoryLevel();
      db.setMaxListeners(0); // whoever dies leaves its listeners
      const model = memoryJobs();
      let jobs: JobRepository = levelJobs(db);
      for (const { units, dies } of batches) {
        if (dies === 0) jobs = levelJobs(db); // nothing was closed
        expect((await jobs.commit(units)).map(({ ok }) => ok)).toEqual((await model.commit(units)).map(({ ok }) => ok));
        expect(await everything(jobs)).toEqual(await everything(model));
      }
      expect(await everything(levelJobs(db))).toEqual(await everything(model));
    }),
    { numRuns: 300 },
  );
});

test("a store from which all jobs were removed keeps nothing but its version and its counter", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(unit, { maxLength: 3 }), { maxLength: 10 }), async (batches) => {
      const db = new MemoryLevel();
      const jobs = levelJobs(db);
      for (const units of batches) await jobs.commit(units);
      await jobs.commit([{ now: NOW, remove: IDS }]);
      expect((await db.keys().all()).filter((key) => !key.startsWith("jobq:j!"))).toEqual([]);
    }),
    { numRuns: 200 },
  );
});
