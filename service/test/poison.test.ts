import { Deadline, ManualClock } from "@jobq/core";
import { memoryJobs } from "@jobq/job-memory";
import { memoryTopics } from "@jobq/pq-memory";
import { createWorker, defineJob, type WorkerOptions } from "@jobq/service/worker";
import { describe, expect, test } from "vitest";
import { NOW } from "./harness.ts";
import { MortalProcess } from "./mortal-process.ts";

const JOBS = 40;
const POISON = 3;
/** Longer than leases, and than it takes until lost ones are looked for. */
const REST_MS = 61_000;
const STEP_MS = 50;

/** Has one process after the other work the topic, until one of them lives for a minute; each job takes 400 ms. */
async function liveOn(options: WorkerOptions): Promise<{ ends: string[]; deaths: number }> {
  const clock = new ManualClock(NOW);
  const jobs = memoryJobs({ clock });
  const topics = memoryTopics();
  const requests = Array.from({ length: JOBS }, (_, payload) => ({
    topic: "work",
    payload,
    options: { name: "work" },
  }));
  await new MortalProcess(jobs, topics).svc.enqueueMany(requests);
  for (let deaths = 0; deaths < 20; deaths++) {
    const process = new MortalProcess(jobs, topics);
    const work = defineJob("work", {
      async run(payload: number) {
        if (payload === POISON) process.kill();
        await new Promise<void>((resolve) => void new Deadline(clock, 400).onOver(resolve));
      },
    });
    await process.survive(createWorker(process.svc, { jobs: [work], lease: "10s", ...options }).start());
    for (let at = 0; at < 60_000 && !process.isDead; at += STEP_MS) {
      clock.advance(STEP_MS);
      await process.quiet();
    }
    if (!process.isDead) {
      const found = await jobs.find({ topic: "work", limit: JOBS });
      return { ends: found.map(({ state, reason }) => reason ?? state), deaths };
    }
    clock.advance(REST_MS);
  }
  throw new Error("processes die without an end");
}

describe("a job that kills its process", () => {
  test.each<[string, WorkerOptions]>([
    ["run beside it", { topics: { work: { concurrency: 10 } } }],
    ["wait behind it", { topics: { work: { concurrency: 1 } }, prefetch: 20 }],
    ["run beside it and wait", { topics: { work: { concurrency: 4 } }, prefetch: 8 }],
  ])("ends as poison alone, though others %s", async (_, options) => {
    const { ends, deaths } = await liveOn(options);
    expect(ends.filter((end) => end === "done")).toHaveLength(JOBS - 1);
    expect(ends.filter((end) => end === "poison")).toHaveLength(1);
    expect(deaths).toBe(3);
  });
});
