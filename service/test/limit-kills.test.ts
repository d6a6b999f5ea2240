import { ManualClock } from "@jobq/core";
import { memoryJobs } from "@jobq/job-memory";
import { memoryTopics } from "@jobq/pq-memory";
import { expect, test } from "vitest";
import { NOW } from "./harness.ts";
import { MortalProcess } from "./mortal-process.ts";

const KILLS = 50;
const LIMIT = { key: "tenant", concurrency: 2 } as const;
/** Longer than leases, and than it takes until lost entries and lost news are looked for. */
const REST_MS = 61_000;

/** Numbers from 0 up to `below` that look random and are the same each time. */
function dice(): (below: number) => number {
  let seed = 7;
  return (below) => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % below;
  };
}

test("50 kills of processes that work a limited key never let in more than it allows, and cost none of its slots", async () => {
  const clock = new ManualClock(NOW);
  const jobs = memoryJobs({ clock });
  const topics = memoryTopics();
  const roll = dice();
  const expectWithinLimit = async (kill: number): Promise<void> => {
    const held = await jobs.find({ limitKey: LIMIT.key, slot: "held", limit: 100 });
    const admitted = await jobs.find({ limitKey: LIMIT.key, live: true, limit: 1000 });
    const running = admitted.filter(({ state }) => state === "ready" || state === "reserved");
    expect([kill, held.length <= 2, running.length <= held.length]).toEqual([kill, true, true]);
  };
  let enqueued = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    const one = new MortalProcess(jobs, topics);
    one.death = roll(40);
    const work = async (): Promise<void> => {
      for (let round = 0; round < 4; round++) {
        await one.svc.enqueue("topic", kill, { limit: LIMIT, maxLeaseLosses: 1000 });
        enqueued++;
        await one.quiet();
        for (const job of await one.svc.reserve("topic", 5, { lease: "10s" })) {
          await expectWithinLimit(kill);
          if (roll(3) === 0) await job.retry({ delay: "5s" });
          else await job.done();
        }
      }
    };
    await one.survive(work());
    one.kill();
    await expectWithinLimit(kill);
    clock.advance(REST_MS);
  }
  const survivor = new MortalProcess(jobs, topics);
  let most = 0;
  for (let round = 0, found = 1; found > 0 || round < 3; round++) {
    await survivor.svc.topics();
    await survivor.quiet();
    const reserved = await survivor.svc.reserve("topic", 5, { lease: "10s" });
    found = reserved.length;
    most = Math.max(most, found);
    await expectWithinLimit(KILLS);
    for (const job of reserved) await job.done();
    clock.advance(REST_MS);
    await survivor.quiet();
  }
  expect(most).toBe(2);
  const all = await jobs.find({ limitKey: LIMIT.key, limit: 1000 });
  expect(all.length).toBeGreaterThanOrEqual(enqueued); // one more where it died after it was stored
  expect(new Set(all.map(({ state }) => state))).toEqual(new Set(["done"]));
});
