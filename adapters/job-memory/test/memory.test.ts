import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { type Job, ManualClock, type UnitStored } from "@jobq/core";
import { memoryJobs } from "@jobq/job-memory";
import { describe, expect, test, vi } from "vitest";
import { memoryJob } from "./memory-job.ts";

const now = 1000;

function heapMebibytes(): number {
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
  return process.memoryUsage().heapUsed / 1024 / 1024;
}

test("fifty thousand jobs that came, ended and were removed leave no memory behind", { timeout: 60_000 }, async () => {
  const jobs = memoryJobs();
  const before = heapMebibytes();
  for (let round = 0; round < 10; round++) {
    const ids = Array.from({ length: 5000 }, (_, index) => `${round}-${(index * 7919) % 5000}`.padEnd(36, "-"));
    await jobs.commit(
      ids.map((id) => ({
        now,
        insert: [memoryJob({ id, topic: `topic-${round}`, unique: id })],
        apply: [{ type: "reserve", id, by: "me" }],
        note: [{ id, kind: "log", key: "1", value: "line", at: now }],
      })),
    );
    await jobs.find({ limit: 10 });
    await jobs.commit([{ now, remove: ids }]);
  }
  expect(heapMebibytes() - before).toBeLessThan(2);
  expect([await jobs.tally(), await jobs.find({ limit: 10 }), await jobs.nextLeaseEndAt()]).toEqual([
    [],
    [],
    undefined,
  ]);
});

describe("what is passed in and handed out", () => {
  const given = (): Job =>
    memoryJob({ tags: { env: "prod" }, state: "delayed", blockers: ["b"], progress: { value: 0.5 } });

  /** Changes everything in a job that can be changed. */
  function spoil(job: object): void {
    const { tags, blockers, progress } = job as { tags: Record<string, string>; blockers: string[]; progress: object };
    tags.env = "spoilt";
    blockers.push("spoilt");
    Object.assign(progress, { value: 1 });
    Object.assign(job, { state: "done", payload: "spoilt", topic: "spoilt" });
  }

  test("shares nothing with the store", async () => {
    const jobs = memoryJobs();
    const inserted = given();
    await jobs.commit([{ now, insert: [inserted] }]);
    spoil(inserted);
    const refused = await jobs.commit([{ now, apply: [{ type: "promote", id: "a" }] }]);
    spoil((refused[0] as { job: object }).job);
    const changed = await jobs.commit([{ now, apply: [{ type: "unblock", id: "a", by: "none" }] }]);
    spoil((changed[0] as UnitStored).changed[0] as object);
    spoil((await jobs.get(["a"]))[0] as object);
    spoil((await jobs.find({ limit: 1 }))[0] as object);
    expect((await jobs.get(["a"]))[0]).toEqual(given());
  });
});

test("time is the process's own unless another is given", () => {
  const clock = new ManualClock();
  expect(memoryJobs({ clock }).clock).toBe(clock);
  vi.useFakeTimers({ now: clock.now() });
  expect(memoryJobs().clock.now()).toBe(clock.now());
  vi.useRealTimers();
});
