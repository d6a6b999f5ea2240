import {
  applyUnit,
  heldKey,
  heldSlot,
  type Job,
  type JobRepository,
  ManualClock,
  matches,
  type Unit,
} from "@jobq/core";
import { memoryJobs } from "@jobq/job-memory";
import fc from "fast-check";
import { expect, test } from "vitest";
import { memoryJob } from "./memory-job.ts";

const NOW = 1000;

/** Jobs in a list that every question walks through: slow, and plainly right. */
class ModelJobs {
  #jobs: Job[] = [];

  commit(unit: Unit): boolean {
    const { outcome, writes } = applyUnit<Job>(unit, {
      job: (id) => this.#jobs.find((job) => job.id === id),
      holder: (key) => this.#jobs.find((job) => heldKey(job) === key)?.id,
      slotHolder: (slot) => this.#jobs.find((job) => heldSlot(job) === slot)?.id,
    });
    for (const { before, after } of writes) {
      this.#jobs = this.#jobs.filter(({ id }) => id !== before?.id);
      if (after) this.#jobs.push(after);
    }
    this.#jobs.sort((a, b) => (a.id < b.id ? -1 : 1));
    return outcome.ok;
  }

  get all(): readonly Job[] {
    return this.#jobs;
  }

  tally(): Map<string, number> {
    const counts = new Map<string, number>();
    for (const { topic, state } of this.#jobs)
      counts.set(`${topic} ${state}`, (counts.get(`${topic} ${state}`) ?? 0) + 1);
    return counts;
  }

  nextLeaseEndAt(): number | undefined {
    const ends = this.#jobs.flatMap(({ leaseUntil }) => leaseUntil ?? []);
    return ends.length > 0 ? Math.min(...ends) : undefined;
  }
}

const id = fc.constantFrom("a", "b", "c", "d", "e", "f");
const unit: fc.Arbitrary<Unit> = fc
  .record({
    insert: fc.array(
      fc
        .record({ id, topic: fc.constantFrom("x", "y"), unique: fc.constantFrom(undefined, undefined, "k", "l") })
        .map(memoryJob),
      { maxLength: 3 },
    ),
    apply: fc.array(
      id.chain((id) =>
        fc.constantFrom(
          { type: "reserve", id, by: "me", leaseMs: 10 } as const,
          { type: "cancel", id, reason: "canceled" } as const,
          { type: "done", id, token: 1 } as const,
          { type: "reset", id } as const,
        ),
      ),
      { maxLength: 1 },
    ),
    remove: fc.array(id, { maxLength: 2 }),
  })
  .map((parts) => ({ now: NOW, ...parts }));

async function agrees(jobs: JobRepository, model: ModelJobs): Promise<void> {
  for (const after of [undefined, "b", "d"]) {
    for (const query of [{ limit: 100 }, { limit: 2 }, { limit: 100, state: "ready" } as const]) {
      const cursor = after === undefined ? query : { ...query, after };
      const expected = model.all.filter((job) => matches(cursor, job)).slice(0, query.limit);
      expect((await jobs.find(cursor)).map((job) => job.id)).toEqual(expected.map((job) => job.id));
    }
  }
  const reserved = { state: "reserved", leaseEndsBy: NOW + 10, limit: 100 } as const;
  expect((await jobs.find(reserved)).map((job) => job.id)).toEqual(
    model.all.filter((job) => matches(reserved, job)).map((job) => job.id),
  );
  expect(new Map((await jobs.tally()).map(({ topic, state, count }) => [`${topic} ${state}`, count]))).toEqual(
    model.tally(),
  );
  expect(await jobs.nextLeaseEndAt()).toBe(model.nextLeaseEndAt());
}

test("jobs in a map answer every sequence of units as a sorted list does, whatever the order of their ids", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(unit, { maxLength: 25 }), async (units) => {
      const [jobs, model] = [memoryJobs({ clock: new ManualClock(NOW) }), new ModelJobs()];
      for (const one of units) {
        const [outcome] = await jobs.commit([one]);
        expect(outcome?.ok).toBe(model.commit(one));
        await agrees(jobs, model);
      }
    }),
    { numRuns: 200 },
  );
});

test("a unit between the pages of a walk neither repeats nor hides what was there all along", async () => {
  const jobs = memoryJobs();
  const put = (...ids: string[]) => jobs.commit([{ now: NOW, insert: ids.map((id) => memoryJob({ id, topic: "x" })) }]);
  await put("b", "d", "f");
  const first = await jobs.find({ limit: 2 });
  await put("e", "a");
  await jobs.commit([{ now: NOW, remove: ["b"] }]);
  const rest = await jobs.find({ limit: 9, after: first.at(-1)?.id as string });
  expect([...first, ...rest].map(({ id }) => id)).toEqual(["b", "d", "e", "f"]);
});
