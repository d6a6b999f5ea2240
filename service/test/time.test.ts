import { getEventListeners } from "node:events";
import { ManualClock, offsetClock } from "@jobq/core";
import { memoryJobs } from "@jobq/job-memory";
import { memoryTopics } from "@jobq/pq-memory";
import { createService } from "@jobq/service";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { expectCode, heldJob, isPending, NOW, pass, reserveOne, rig, settled, stored, Wire } from "./harness.ts";

const HOUR = 3_600_000;

describe.each([-10_000, -HOUR, HOUR])("when the clock is set by %i ms", (ms) => {
  test("a reserve waits as long as it was to", async () => {
    const { svc, clock } = await rig();
    const waiting = svc.reserve("topic", 1, { wait: "1s" });
    await settled();
    clock.step(ms);
    await pass(clock, 999);
    expect(await isPending(waiting)).toBe(true);
    await pass(clock, 1);
    expect(await waiting).toEqual([]);
  });

  test("a result waits as long as it was to", async () => {
    const { svc, clock } = await rig();
    const id = await svc.enqueue("topic", 1);
    const waiting = svc.result(id, { timeout: "1s" });
    await settled();
    clock.step(ms);
    await pass(clock, 999);
    expect(await isPending(waiting)).toBe(true);
    clock.advance(1);
    await expectCode(waiting, "TIMEOUT");
  });

  test("a close waits until its deadline for what is held", async () => {
    const one = await rig();
    await heldJob(one, 1, { timeout: "7d" });
    const closing = one.svc.close({ deadline: "10s" });
    await settled();
    one.clock.step(ms);
    await pass(one.clock, 9999);
    expect(await isPending(closing)).toBe(true);
    await pass(one.clock, 1);
    await closing;
  });

  test("shared stores are looked at as often as before", async () => {
    const { svc, clock, wire } = await rig({ shared: true, pollInterval: "1s", recoveryInterval: "7d" });
    void svc.reserve("topic", 1, { wait: "1h" });
    for (let second = 0; second < 10; second++) await pass(clock, 1000);
    clock.step(ms);
    await settled();
    wire.calls = [];
    for (let second = 0; second < 10; second++) await pass(clock, 1000);
    expect(wire.count("topics.pop")).toBe(10);
    expect(wire.count("topics.popDue")).toBe(10);
  });

  test("lost entries are looked for as often as before", async () => {
    const { clock, wire } = await rig({ shared: true, recoveryInterval: "10m" });
    await pass(clock, 60_000);
    clock.step(ms);
    await settled();
    wire.calls = [];
    await pass(clock, 539_999);
    expect(wire.count("jobs.find")).toBeLessThanOrEqual(1);
    wire.calls = [];
    await pass(clock, 1);
    expect(wire.count("jobs.find")).toBeGreaterThan(1);
  });

  test("what failed is tried again as soon as before", async () => {
    const one = await rig();
    await one.svc.enqueue("topic", 1, { delay: "1s" });
    one.wire.fail("topics.popDue", { times: 1 });
    await pass(one.clock, 1000);
    expect(one.errors).toHaveLength(1);
    one.clock.step(ms);
    one.wire.calls = [];
    await pass(one.clock, 1000);
    expect(one.wire.count("topics.popDue")).toBeGreaterThan(0);
  });
});

test("a call that waits gets at once what falls due by a step ahead: a delayed job, an ended lease", async () => {
  const one = await rig();
  await one.svc.enqueue("topic", 1, { delay: "30m" });
  const due = one.svc.reserve("topic", 1, { wait: "1m", lease: "30m" });
  await settled();
  one.clock.step(HOUR);
  expect(await due).toHaveLength(1);
  const ended = one.svc.reserve("topic", 1, { wait: "1m" });
  await settled();
  one.clock.step(HOUR);
  expect(await ended).toMatchObject([{ token: 2 }]);
});

describe("by the process's own clock", () => {
  beforeEach(() => void vi.useFakeTimers({ now: NOW, toFake: ["Date", "performance", "setTimeout", "clearTimeout"] }));
  afterEach(() => void vi.useRealTimers());

  const open = () => createService({ jobs: memoryJobs(), topics: memoryTopics() });

  test("a delayed job comes in time though the wall clock is set back while it waits", async () => {
    const svc = open();
    await svc.enqueue("topic", 1, { delay: "1s" });
    const waiting = svc.reserve("topic", 1, { wait: "5s" });
    await settled();
    vi.setSystemTime(NOW - 10_000);
    vi.advanceTimersByTime(1000);
    expect(await isPending(waiting)).toBe(false);
    const [job] = await waiting;
    await job?.done();
    await svc.close();
  });

  test("holders go on extending their leases, and lose none, when the wall clock is set back", async () => {
    const svc = open();
    const id = await svc.enqueue("topic", 1);
    const [job] = await svc.reserve("topic", 1, { lease: "30s" });
    vi.setSystemTime(NOW - 60_000);
    for (let beat = 0; beat < 10; beat++) {
      vi.advanceTimersByTime(10_000);
      await settled();
      await job?.extend("30s");
    }
    await job?.done();
    expect(await svc.status(id)).toMatchObject({ state: "done", leaseLosses: 0 });
    await svc.close();
  });
});

describe("by the clock of a store that hosts share", () => {
  /** A service on a machine that can fall asleep: its monotonic clock stands still then, the store's time goes on. */
  async function open() {
    const local = new ManualClock(NOW);
    const store = { now: NOW, asked: 0 };
    const clock = offsetClock(async () => {
      store.asked++;
      return store.now + local.monotonic.elapsed();
    }, local);
    const jobs = memoryJobs({ clock });
    const svc = createService({ jobs, topics: memoryTopics(), random: () => 0.5 });
    await svc.topics();
    await settled();
    const sleep = (ms: number): void => {
      local.step(ms);
      store.now += ms;
    };
    return { svc, jobs, local, store, sleep, storeTime: () => store.now + local.monotonic.elapsed() };
  }

  test("a delay counts from the store's time, also just after the machine has slept", async () => {
    const one = await open();
    one.sleep(HOUR);
    const id = await one.svc.enqueue("topic", 1, { delay: "1s" });
    expect((await stored(one, id)).runAt).toBe(one.storeTime() + 1000);
  });

  test("so do a holder's extend and retry", async () => {
    const one = await open();
    const job = await heldJob(one, 1, { timeout: "7d" });
    one.sleep(HOUR);
    await job.extend("8d");
    expect((await stored(one, job.id)).leaseUntil).toBe(one.storeTime() + 8 * 24 * HOUR);
    one.sleep(HOUR);
    const [first, second] = [job.retry({ delay: "1m" }), job.done()];
    await first;
    await expectCode(second, "INVALID_STATE");
    expect((await stored(one, job.id)).runAt).toBe(one.storeTime() + 60_000);
  });

  test("a process that only enqueues asks again every ten seconds, and one that does nothing never", async () => {
    const one = await open();
    one.store.asked = 0;
    for (let second = 0; second < 60; second++) {
      one.local.advance(1000);
      await one.svc.enqueue("topic", 1);
    }
    expect(one.store.asked).toBe(6);
    one.local.advance(HOUR);
    await settled();
    expect(one.store.asked).toBe(6);
  });
});

describe("a service that is created", () => {
  test("begins nothing before its first call: no call to its stores, no timer, no random number, no id", async () => {
    const clock = new ManualClock(NOW);
    const wire = new Wire();
    let drawn = 0;
    const topics = Object.assign(memoryTopics(), { onPush: () => () => {} });
    const timers = vi.spyOn(globalThis, "setTimeout");
    const random = vi.spyOn(crypto, "getRandomValues");
    const svc = createService({
      jobs: wire.around("jobs", memoryJobs({ clock })),
      topics: wire.around("topics", topics),
      random: () => ++drawn,
      newId: () => String(++drawn),
    });
    svc.on("done", () => {});
    await new Promise((resolve) => setImmediate(resolve));
    expect([wire.calls, drawn, clock.nextAlarmAt(), timers.mock.calls, random.mock.calls]).toEqual([
      [],
      0,
      undefined,
      [],
      [],
    ]);
    vi.restoreAllMocks();
    await svc.status("none");
    await settled();
    expect(wire.calls).toContain("topics.onPush");
    expect(wire.count("jobs.find")).toBeGreaterThan(0);
  });

  test("closes its stores even when it was never called", async () => {
    const wire = new Wire();
    const svc = createService({
      jobs: wire.around("jobs", memoryJobs()),
      topics: wire.around("topics", memoryTopics()),
    });
    await svc.close();
    expect(wire.calls.sort()).toEqual(["jobs.close", "topics.close"]);
  });
});

test("however many calls wait by one signal, it has one listener, and none when they are over", async () => {
  const { svc } = await rig();
  const id = await svc.enqueue("other", 1);
  const abort = new AbortController();
  const waits = Array.from({ length: 20 }, () => svc.reserve("topic", 1, { wait: "1h", signal: abort.signal }));
  const results = [svc.result(id, { signal: abort.signal }), svc.result(id, { signal: abort.signal })];
  await settled();
  expect(getEventListeners(abort.signal, "abort")).toHaveLength(1);
  await svc.enqueueMany(Array.from({ length: 10 }, (_, payload) => ({ topic: "topic", payload })));
  for (const wait of waits.slice(0, 10)) expect(await wait).toHaveLength(1);
  expect(getEventListeners(abort.signal, "abort")).toHaveLength(1);
  abort.abort(new Error("enough"));
  for (const wait of [...waits.slice(10), ...results]) await expect(wait).rejects.toThrow("enough");
  expect(getEventListeners(abort.signal, "abort")).toEqual([]);
});

test("what is due but held by somebody else is tried again in ever longer pauses, and at once when it is let go", async () => {
  const topics = memoryTopics();
  let locked = true;
  const popDue = topics.popDue.bind(topics);
  const one = await rig({
    topics: Object.assign(topics, {
      popDue: async (now: number, limit: number) => (locked ? [] : popDue(now, limit)),
    }),
  });
  await one.svc.enqueue("topic", 1, { delay: "1s" });
  const waiting = one.svc.reserve("topic", 1, { wait: "1m" });
  await settled();
  one.wire.calls = [];
  for (let ms = 0; ms < 6000; ms += 10) await pass(one.clock, 10);
  expect(one.wire.count("topics.popDue")).toBeLessThanOrEqual(15);
  expect(one.wire.calls.length).toBeLessThanOrEqual(100);
  locked = false;
  for (let ms = 0; ms < 1000; ms += 10) await pass(one.clock, 10);
  expect(await waiting).toHaveLength(1);
  expect(await reserveOne(one.svc).catch(() => "none")).toBe("none");
});
