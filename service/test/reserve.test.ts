import { describe, expect, test } from "vitest";
import { DISK, expectCode, heldJob, isPending, NOW, pass, rig, settled, stored } from "./harness.ts";

describe("reserve", () => {
  test("hands out jobs by weight, then in order of arrival", async () => {
    const { svc } = await rig();
    for (const [payload, weight] of [
      ["c", 0],
      ["d", 0],
      ["e", 32_767],
      ["a", -32_768],
      ["b", -1],
    ] as const)
      await svc.enqueue("topic", payload, { weight });
    const order = [...(await svc.reserve("topic", 3)), ...(await svc.reserve("topic", 9))].map(
      ({ payload }) => payload,
    );
    expect(order).toEqual(["a", "b", "c", "d", "e"]);
  });

  test("keeps a retried job at its place by id", async () => {
    const one = await rig();
    const first = await heldJob(one, "first");
    await one.svc.enqueue("topic", "second");
    await first.retry({ delay: 0 });
    expect((await one.svc.reserve("topic", 9)).map(({ payload }) => payload)).toEqual(["first", "second"]);
  });

  test("holds for the job's timeout, or for the lease asked for", async () => {
    const one = await rig();
    await one.svc.enqueue("topic", 1, { timeout: "5m" });
    await one.svc.enqueue("topic", 2, { timeout: "5m" });
    const [a] = await one.svc.reserve("topic");
    const [b] = await one.svc.reserve("topic", 1, { lease: "10s" });
    expect((await stored(one, a?.id as string)).leaseUntil).toBe(NOW + 300_000);
    expect((await stored(one, b?.id as string)).leaseUntil).toBe(NOW + 10_000);
  });

  test("answers at once without a wait, and never takes more than asked", async () => {
    const one = await rig();
    expect(await one.svc.reserve("topic", 5)).toEqual([]);
    await one.svc.enqueueMany([1, 2, 3].map((payload) => ({ topic: "topic", payload })));
    expect(await one.svc.reserve("topic", 2)).toHaveLength(2);
    expect(await one.svc.topics()).toEqual([{ topic: "topic", ready: 1, delayed: 0, paused: false }]);
  });

  test("passes over a paused topic until it goes on", async () => {
    const { svc } = await rig();
    await svc.enqueue("topic", 1);
    await svc.pause("topic");
    expect(await svc.reserve("topic")).toEqual([]);
    const waiting = svc.reserve("topic", 1, { wait: "1m" });
    expect(await isPending(waiting)).toBe(true);
    await svc.resume("topic");
    expect(await waiting).toHaveLength(1);
  });
});

describe("a call that waits", () => {
  test.each<[string, (svc: Awaited<ReturnType<typeof rig>>) => Promise<unknown>]>([
    ["enqueued", ({ svc }) => svc.enqueue("topic", 1)],
    ["enqueued with many", ({ svc }) => svc.enqueueMany([{ topic: "topic", payload: 1 }])],
    [
      "released",
      async (one) => {
        await (await one.svc.reserve("other"))[0]?.done();
        await one.svc.enqueue("topic", 1);
      },
    ],
  ])("gets a job as soon as one is %s", async (_, bring) => {
    const one = await rig();
    await one.svc.enqueue("other", 0);
    const waiting = one.svc.reserve("topic", 5, { wait: "1m" });
    expect(await isPending(waiting)).toBe(true);
    await bring(one);
    expect(await waiting).toHaveLength(1);
    expect(one.clock.now()).toBe(NOW);
  });

  test("gets a job that falls due, is given back, whose lease ends, or that is reset", async () => {
    const one = await rig();
    const next = () => one.svc.reserve("topic", 1, { wait: "1h", lease: "10s" });
    await one.svc.enqueue("topic", 1, { delay: "5s" });
    const due = next();
    await pass(one.clock, 5000);
    const [first] = await due;
    const given = next();
    await first?.release();
    const [second] = await given;
    const lost = next();
    await pass(one.clock, 10_000);
    const [third] = await lost;
    await third?.done();
    const reset = next();
    await one.svc.reset(third?.id as string);
    const [fourth] = await reset;
    expect([first, second, third, fourth].map((job) => job?.token)).toEqual([1, 2, 3, 4]);
    expect(second?.signal.reason).toMatchObject({ code: "LEASE_LOST" });
  });

  test("gets nothing when its time is over, not before, and leaves no alarm behind", async () => {
    const { svc, clock } = await rig();
    const waiting = svc.reserve("topic", 1, { wait: "5s" });
    await settled();
    await pass(clock, 4999);
    expect(await isPending(waiting)).toBe(true);
    await pass(clock, 1);
    expect(await waiting).toEqual([]);
    expect(clock.nextAlarmAt()).toBeUndefined();
  });

  test("ends with the reason of its signal, and leaves what comes later to others", async () => {
    const { svc, clock } = await rig();
    const abort = new AbortController();
    const waiting = svc.reserve("topic", 1, { wait: "1m", signal: abort.signal });
    await settled();
    abort.abort(DISK);
    await expect(waiting).rejects.toBe(DISK);
    expect(clock.nextAlarmAt()).toBeUndefined();
    await svc.enqueue("topic", 1);
    expect(await svc.reserve("topic")).toHaveLength(1);
    await expect(svc.reserve("topic", 1, { signal: abort.signal })).rejects.toBe(DISK);
  });

  test("shares one claim with others, which are served in the order they asked", async () => {
    const { svc, wire } = await rig();
    const waiting = [2, 1, 3].map((limit) => svc.reserve("topic", limit, { wait: "1m" }));
    await settled();
    wire.calls = [];
    await svc.enqueueMany([1, 2, 3, 4].map((payload) => ({ topic: "topic", payload })));
    const payloads = (await Promise.all(waiting)).map((jobs) => jobs.map(({ payload }) => payload));
    expect(payloads).toEqual([[1, 2], [3], [4]]);
    expect(wire.count("topics.pop")).toBe(1);
  });

  test("does not make others wait whose topic has jobs", async () => {
    const { svc } = await rig();
    const waiting = svc.reserve("empty", 1, { wait: "1m" });
    await svc.enqueue("topic", 1);
    expect(await svc.reserve("topic", 1, { wait: "1m" })).toHaveLength(1);
    expect(await isPending(waiting)).toBe(true);
  });

  test("that leaves while a claim is under way has its jobs given back at no cost", async () => {
    const one = await rig();
    const id = await one.svc.enqueue("topic", 1);
    const abort = new AbortController();
    const release = one.wire.hold("jobs.commit");
    const leaving = one.svc.reserve("topic", 1, { signal: abort.signal });
    await settled();
    abort.abort(DISK);
    await expect(leaving).rejects.toBe(DISK);
    release();
    await settled();
    expect(await stored(one, id)).toMatchObject({ state: "ready", attempt: 0 });
    expect(await one.svc.reserve("topic")).toHaveLength(1);
  });

  test("fails with the store, and the next one has another go", async () => {
    const one = await rig();
    await one.svc.enqueue("topic", 1);
    one.wire.fail("jobs.commit");
    await expect(one.svc.reserve("topic")).rejects.toBe(DISK);
    expect(await one.svc.reserve("topic")).toHaveLength(1);
  });
});

describe("a payload that does not decode", () => {
  test("is canceled as rejected and does not hold its neighbours up", async () => {
    const one = await rig();
    const ids = (await one.svc.enqueueMany([1, 2, 3].map((payload) => ({ topic: "topic", payload })))).map(
      ({ id }) => id,
    );
    const bad = await stored(one, ids[1] as string);
    await one.jobs.commit([{ now: NOW, remove: [bad.id] }]);
    await one.jobs.commit([{ now: NOW, insert: [{ ...bad, payload: "{" }] }]);
    expect((await one.svc.reserve("topic", 3)).map(({ payload }) => payload)).toEqual([1, 3]);
    await settled();
    expect(await stored(one, bad.id)).toMatchObject({ state: "canceled", reason: "rejected" });
    expect((await one.svc.find({ state: "canceled", reason: "rejected" })).map(({ id }) => id)).toEqual([bad.id]);
    await expectCode(one.svc.get(bad.id), "PAYLOAD_INVALID");
    expect(await one.svc.status(bad.id)).toMatchObject({ state: "canceled" });
  });
});
