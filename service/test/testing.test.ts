import { AsyncLocalStorage } from "node:async_hooks";
import { memoryJobs } from "@jobq/job-memory";
import { memoryTopics } from "@jobq/pq-memory";
import type { JobService } from "@jobq/service";
import { createSchedules, every } from "@jobq/service/cron";
import { exponential, NoRetry } from "@jobq/service/retry";
import { createTestService, ignore, serviceByContext, synchronous, type TestService } from "@jobq/service/testing";
import { defineJob } from "@jobq/service/worker";
import { defineWorkflow } from "@jobq/service/workflow";
import { describe, expect, test } from "vitest";
import { expectCode } from "./harness.ts";

const stores = { jobs: memoryJobs, topics: memoryTopics };
const double = defineJob("double", { topic: "numbers", run: (n: number) => n * 2 });
const parent = defineJob("parent", {
  run: async (n: number, ctx) => {
    for (let child = 0; child < n; child++) await ctx.enqueue(double, child);
  },
});

describe("a test service", () => {
  test("runs nothing by itself, and with drain all that is ready and what that enqueues", async () => {
    const { svc, drain, assertEnqueued } = bound(createTestService({ stores, jobs: [double, parent] }));
    const id = await svc.enqueue(parent, 3);
    await svc.enqueue(double, 9, { delay: "1h" });
    expect((await svc.status(id))?.state).toBe("ready");
    expect(await drain()).toBe(4);
    expect((await svc.status(id))?.state).toBe("done");
    await assertEnqueued({ topic: "numbers" }, 4);
    expect(await svc.find({ state: "delayed" })).toHaveLength(1);
  });

  test("runs each job at its instant while time advances", async () => {
    const seen: number[] = [];
    const job = defineJob("at", { run: () => void seen.push(clock.now()) });
    const { svc, clock, advance } = bound(createTestService({ stores, jobs: [job], now: new Date(1_000_000) }));
    await svc.enqueue(job, 1, { delay: "2h" });
    await svc.enqueue(job, 1, { delay: "1h" });
    await svc.enqueue(job, 1, { delay: "2d" });
    expect(await advance("1d")).toBe(2);
    expect(seen).toEqual([1_000_000 + 3_600_000, 1_000_000 + 7_200_000]);
    expect(clock.now()).toBe(1_000_000 + 86_400_000);
  });

  test("runs a week of retries in an instant, and ends the job as a worker would", async () => {
    let attempts = 0;
    const fails = defineJob("fails", {
      retry: exponential({ min: "1s", max: "1h" }),
      maxRetries: 150,
      onExhausted: { topic: "dead" },
      run: () => {
        attempts++;
        throw new Error("no");
      },
    });
    const { svc, advance, assertEnqueued } = bound(createTestService({ stores, jobs: [fails] }));
    const id = await svc.enqueue(fails, 1);
    await advance("7d");
    expect(attempts).toBe(151);
    expect(await svc.status(id)).toMatchObject({ state: "canceled", reason: "exhausted" });
    await assertEnqueued({ topic: "dead" }, 1);
  });

  test("has schedules give their jobs while time advances", async () => {
    const { svc, advance } = bound(createTestService({ stores, jobs: [double] }));
    const schedules = createSchedules(svc);
    await schedules.set("often", every("1h"), { job: double, payload: 1 });
    await schedules.start();
    expect(await advance("1d")).toBe(24);
  });

  test("needs no jobs where schedules have handlers of their own, which it does not count", async () => {
    const { svc, clock, advance } = bound(createTestService({ stores, jobs: [] }));
    const seen: number[] = [];
    const schedules = createSchedules(svc);
    await schedules.set("often", every("1h"), { run: () => void seen.push(clock.now()) });
    await schedules.start();
    expect(await advance("1d")).toBe(0);
    expect(seen).toHaveLength(24);
  });

  test("reports jobs that stay ready since no definition has their name, once for each name", async () => {
    const { svc, drain } = bound(createTestService({ stores, jobs: [double] }));
    const reported: unknown[] = [];
    svc.on("error", ({ error }) => reported.push(error));
    await svc.enqueueMany([
      { topic: "mails", payload: 1 },
      { topic: "mails", payload: 2 },
      { topic: "dead", payload: 3, options: { name: "double" } },
    ]);
    expect([await drain(), await drain()]).toEqual([0, 0]);
    expect(reported).toMatchObject([{ code: "JOB_NOT_FOUND", message: expect.stringContaining("name mails") }]);
  });

  test("tells what is in the store that does not match", async () => {
    const { svc, assertEnqueued, enqueued } = bound(createTestService({ stores }));
    await svc.enqueue("mails", { to: "ada", lines: [{ n: 1 }, { n: 2 }] }, { tags: { team: "a" } });
    await assertEnqueued({ topic: "mails", payload: { lines: [{ n: 1 }, {}] }, tags: { team: "a" } }, 1);
    expect(await enqueued({ payload: { to: "ada" } })).toMatchObject([{ topic: "mails", state: "ready" }]);
    for (const match of [{ payload: { to: "bob" } }, { payload: { lines: [{}] } }, { name: "mail" }, { tags: {} }]) {
      await (match.tags ? assertEnqueued(match) : assertEnqueued(match, 0));
    }
    await expect(assertEnqueued({ payload: { to: "bob" } })).rejects.toThrow(/"to":"ada"/);
    await expect(assertEnqueued({ topic: "mails" }, 2)).rejects.toThrow(/got 1/);
    await expect(assertEnqueued({ topics: "mails" } as never)).rejects.toThrow(TypeError);
  });

  test("closes though a job is held", async () => {
    const one = createTestService({ stores });
    await one.svc.enqueue("topic", 1);
    const [job] = await one.svc.reserve("topic");
    await one.close();
    expect(job?.signal.aborted).toBe(true);
  });

  test("refuses options that mean nothing", () => {
    expect(() => createTestService({} as never)).toThrow(TypeError);
    expect(() => createTestService({ stores: { jobs: memoryJobs() } } as never)).toThrow(TypeError);
    expect(() => createTestService({ stores, concurency: 3 } as never)).toThrow(TypeError);
  });
});

describe("synchronous", () => {
  test("runs the handler before enqueue resolves, and stores nothing", async () => {
    const { svc } = createTestService({ stores });
    const recording = synchronous(svc, { jobs: [double, parent] });
    await svc.enqueue(parent, 2, { delay: "1d" });
    expect(recording.enqueued.map(({ name, result }) => [name, result])).toEqual([
      ["parent", undefined],
      ["double", 0],
      ["double", 2],
    ]);
    const receipts = await svc.enqueueMany([{ topic: "numbers", payload: 4, options: { name: "double" } }]);
    expect(receipts).toMatchObject([{ duplicate: false }]);
    recording.assertEnqueued({ name: "double", payload: 4 }, 1);
    expect(await svc.find()).toEqual([]);
    recording.restore();
    await svc.enqueue(double, 4);
    expect(await svc.find()).toHaveLength(1);
  });

  test("has enqueue reject with what the handler throws, or said when it settled by hand", async () => {
    const { svc } = createTestService({ stores });
    const throws = defineJob("throws", { run: () => Promise.reject(new NoRetry("not wanted")) });
    const gives = defineJob("gives", { run: async (_: number, { job }) => job.retry(new Error("later")) });
    const settles = defineJob("settles", { run: async (n: number, { job }) => job.done(n) });
    const cannot = defineJob("cannot", { run: () => 1n });
    await synchronous(svc, { jobs: [throws, gives, settles, cannot] }, async (recording) => {
      await expect(svc.enqueue(throws, 1)).rejects.toThrow("not wanted");
      await expect(svc.enqueue(gives, 1)).rejects.toThrow("later");
      await svc.enqueue(settles, 7);
      expect(recording.matching({ name: "settles" })).toMatchObject([{ result: 7 }]);
      await expectCode(svc.enqueue(cannot, 1), "PAYLOAD_INVALID");
      await expectCode(svc.enqueue("unknown", 1), "JOB_NOT_FOUND");
      await expectCode(svc.enqueue("throws", 1n), "PAYLOAD_INVALID");
      await expect(svc.enqueue(settles, 1, { weight: 0.5 })).rejects.toThrow(RangeError);
    });
    await svc.enqueue("unknown", 1);
    expect(await svc.find()).toHaveLength(1);
  });

  test("refuses workflows, whose runs need a store", () => {
    const { svc } = createTestService({ stores });
    const flow = defineWorkflow("flow", async (ctx) => ctx.step("a", () => 1));
    expect(() => synchronous(svc, { jobs: [double, flow] })).toThrow(/"flow".*createTestService/);
    expect(() => synchronous(svc, { jobs: [flow] }, () => 1)).toThrow(TypeError);
  });

  test("holds for its asynchronous context alone, where it is given one", async () => {
    const { svc } = createTestService({ stores });
    const context = new AsyncLocalStorage();
    const inside = synchronous(svc, { jobs: [double], context }, async (recording) => {
      await Promise.resolve();
      await svc.enqueue(double, 1);
      await ignore(svc, { context }, async (ignored) => {
        await svc.enqueue(double, 2);
        ignored.assertEnqueued({ payload: 2 }, 1);
      });
      return recording.enqueued.map(({ payload, result }) => [payload, result]);
    });
    await svc.enqueue(double, 3);
    expect(await inside).toEqual([[1, 2]]);
    expect(await svc.find()).toHaveLength(1);
    expect(() => synchronous(svc, { context } as never)).toThrow(TypeError);
    expect(() => synchronous(svc, { context: {} } as never, () => 1)).toThrow(TypeError);
  });
});

describe("ignore", () => {
  test("records what is enqueued, checked, and discards it, until it is restored, also by what body throws", async () => {
    const { svc } = createTestService({ stores });
    const recording = ignore(svc);
    await svc.enqueue("mails", { to: "ada" }, { tags: { team: "a" } });
    recording.assertEnqueued({ topic: "mails", payload: { to: "ada" } }, 1);
    expect(() => recording.assertEnqueued({ payload: { to: "bob" } })).toThrow(/"to":"ada"/);
    await expect(svc.enqueue("", 1)).rejects.toThrow(RangeError);
    recording.restore();
    await expect(ignore(svc, {}, () => Promise.reject(new Error("body")))).rejects.toThrow("body");
    await svc.enqueue("mails", 1);
    expect(await svc.find()).toHaveLength(1);
  });
});

test("a service by context is that of the context, and throws where there is none", async () => {
  const storage = new AsyncLocalStorage<JobService>();
  const svc = serviceByContext(storage);
  const [one, other] = [createTestService({ stores }), createTestService({ stores })];
  await Promise.all([
    storage.run(one.svc, () => svc.enqueue("a", 1)),
    storage.run(other.svc, async () => {
      await svc.enqueue("b", 1);
      await svc.enqueue("b", 2);
    }),
  ]);
  expect([await one.svc.find(), await other.svc.find()].map((jobs) => jobs.map(({ topic }) => topic))).toEqual([
    ["a"],
    ["b", "b"],
  ]);
  expect(() => svc.enqueue("a", 1)).toThrow("no service in this context");
  await serviceByContext(storage, one.svc).enqueue("a", 2);
  await one.assertEnqueued({ topic: "a" }, 2);
});

/** Its methods, to be taken apart. */
function bound(one: TestService) {
  return {
    svc: one.svc,
    clock: one.clock,
    drain: () => one.drain(),
    advance: (time: string | number) => one.advance(time as never),
    enqueued: (match = {}) => one.enqueued(match),
    assertEnqueued: (match = {}, times?: number) => one.assertEnqueued(match, times),
  };
}
