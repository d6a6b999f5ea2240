import { type Job, ManualClock } from "@jobq/core";
import { memoryJobs } from "@jobq/job-memory";
import { describe, expect, test } from "vitest";
import { DISK, expectEntriesInLine, heldJob, NOW, pass, type Rig, rig, settled } from "./harness.ts";

/** The jobs of a service that died, as a fresh one finds them. */
async function remains(states: readonly Partial<Job>[]) {
  const clock = new ManualClock(NOW);
  const jobs = memoryJobs({ clock });
  const before = await rig({ clock, jobs });
  const id = await before.svc.enqueue("topic", 1);
  const [job] = await jobs.get([id]);
  await jobs.commit([{ now: NOW, remove: [id] }]);
  await jobs.commit([
    { now: NOW, insert: states.map((state, at) => ({ ...(job as Job), id: `job-${1e6 + at}`, ...state })) },
  ]);
  return { clock, jobs };
}

describe("a service that starts", () => {
  test("brings back the entries of jobs that are ready or due later, and of no other", async () => {
    const one = await rig(
      await remains([
        { weight: 5 },
        {},
        { state: "delayed", runAt: NOW + 1000 },
        { state: "reserved", token: 1, attempt: 1, leaseUntil: NOW + 5000, reservedBy: "dead" },
        { state: "done", finishedAt: NOW },
      ]),
    );
    await expectEntriesInLine(one);
    expect((await one.svc.reserve("topic", 9)).map(({ weight }) => weight)).toEqual([0, 5]);
    await pass(one.clock, 1000);
    expect(await one.svc.reserve("topic", 9)).toHaveLength(1);
    await pass(one.clock, 4000);
    expect(await one.svc.reserve("topic", 9)).toMatchObject([{ token: 2 }]);
  });

  test("does so for thousands of jobs, a page at a time, while jobs are already handed out", async () => {
    const found = await remains(Array.from({ length: 2500 }, () => ({})));
    const one = await rig(found);
    await expectEntriesInLine(one);
    expect(await one.svc.reserve("topic", 5000)).toHaveLength(2500);
  });

  test("makes a waiting reserve find what came back", async () => {
    const { clock, jobs } = await remains([{}]);
    const one = await rig({ clock, jobs: memoryJobs({ clock }) });
    const release = one.wire.hold("jobs.find");
    release();
    const fresh = rig({ clock, jobs });
    const { svc } = await fresh;
    expect(await svc.reserve("topic", 1, { wait: "1h" })).toHaveLength(1);
  });

  test("reserves at its first call what fell due or was lost while nobody ran", async () => {
    const { clock, jobs } = await remains([
      { state: "reserved", token: 1, attempt: 1, leaseUntil: NOW - 1, reservedBy: "dead" },
    ]);
    const { createService } = await import("@jobq/service");
    const { memoryTopics } = await import("@jobq/pq-memory");
    const svc = createService({ jobs, topics: memoryTopics() });
    expect(await svc.reserve("topic")).toHaveLength(1);
    expect(clock.now()).toBe(NOW);
  });

  test("tries again when recovery fails, and reports it", async () => {
    const clock = new ManualClock(NOW);
    const { jobs } = await remains([{}]);
    let broken = true;
    const flaky = new Proxy(jobs, {
      get: (target, key) => {
        const member = Reflect.get(target, key, target) as unknown;
        if (key !== "find") return typeof member === "function" ? member.bind(target) : member;
        return (query: { state?: string }) => {
          if (broken && query.state === "ready") throw DISK;
          return target.find(query as never);
        };
      },
    });
    const one = await rig({ clock, jobs: Object.assign(flaky) });
    expect(await one.svc.reserve("topic")).toEqual([]);
    broken = false;
    await pass(one.jobs.clock as ManualClock, 10_000);
    expect(await one.svc.reserve("topic")).toHaveLength(1);
  });
});

describe("time that passes", () => {
  test("gives a job whose lease ended to another reserve, at no attempt, until it is poison", async () => {
    const one = await rig();
    await heldJob(one, 1, { timeout: "10s" });
    for (let loss = 1; loss <= 2; loss++) {
      await pass(one.clock, 10_000);
      expect(await one.svc.reserve("topic")).toMatchObject([{ attempt: 1, token: loss + 1 }]);
    }
    await pass(one.clock, 10_000);
    expect(await one.svc.find({ reason: "poison" })).toMatchObject([{ leaseLosses: 3, state: "canceled" }]);
    expect(one.clock.nextAlarmAt()).toBeUndefined();
  });

  test("does so where no timer fires, by a plain loop of reserves", async () => {
    let now = NOW;
    const clock = { now: () => now, alarm: () => () => {}, sync: async () => {} };
    const one = await rig({ jobs: memoryJobs({ clock }) });
    await heldJob(one, 1, { timeout: "10s" });
    await one.svc.enqueue("topic", 2, { delay: "5s" });
    now += 10_000;
    expect((await one.svc.reserve("topic", 9)).map(({ payload }) => payload).sort()).toEqual([1, 2]);
  });

  test("promotes and expires thousands at one instant", async () => {
    const one = await rig();
    await one.svc.enqueueMany(
      Array.from({ length: 2500 }, (_, payload) => ({ topic: "topic", payload, options: { delay: "1s" } as const })),
    );
    await pass(one.clock, 1000);
    expect(await one.svc.reserve("topic", 5000, { lease: "1s" })).toHaveLength(2500);
    await pass(one.clock, 1000);
    expect(await one.svc.tally()).toEqual([{ topic: "topic", state: "ready", count: 2500 }]);
    await expectEntriesInLine(one);
  });

  test.each<[string, string]>([
    ["topics.popDue", "promote"],
    ["jobs.find", "expire"],
    ["topics.nextDueAt", "look ahead"],
  ])("is caught up with after a failure of %s", async (method) => {
    const one: Rig = await rig();
    await heldJob(one, "lost", { timeout: "1s" });
    await one.svc.enqueue("topic", "due", { delay: "1s" });
    one.wire.fail(method, { times: 2 });
    for (let second = 0; second < 20; second++) await pass(one.clock, 1000);
    expect(one.errors.length).toBeGreaterThan(0);
    expect((await one.svc.reserve("topic", 9)).map(({ payload }) => payload).sort()).toEqual(["due", "lost"]);
    await settled();
    await expectEntriesInLine(one);
  });
});
