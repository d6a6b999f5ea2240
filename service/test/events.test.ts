import { describe, expect, test, vi } from "vitest";
import { EventHub } from "../src/events/event-hub.ts";
import { DISK, heldJob, NOW, pass, rig, settled } from "./harness.ts";

const TYPES = [
  "enqueued", "promoted", "reserved", "extended", "done", "retried", "released", "expired", "canceled", "reset", "removed",
] as const; // biome-ignore format: a list

describe("events", () => {
  test("tell everything that happens to jobs, in order, with the state that follows", async () => {
    const one = await rig();
    const heard: string[] = [];
    for (const type of TYPES)
      one.svc.on(type, ({ type: name, state, attempt }) => heard.push(`${name} ${state} ${attempt}`));
    const next = async () => (await one.svc.reserve("topic"))[0];
    const id = await one.svc.enqueue("topic", 1, { delay: "1s", timeout: "10s" });
    await pass(one.clock, 1000);
    await (await next())?.extend();
    await pass(one.clock, 20_000);
    await (await next())?.release();
    await (await next())?.retry({ delay: 0, error: "no" });
    await (await next())?.done();
    await one.svc.reset(id);
    await one.svc.cancel(id);
    await one.svc.remove(id);
    expect(heard).toEqual([
      "enqueued delayed 0",
      "promoted ready 0",
      "reserved reserved 1",
      "extended reserved 1",
      "expired ready 0",
      "reserved reserved 1",
      "released ready 0",
      "reserved reserved 1",
      "retried ready 1",
      "reserved reserved 2",
      "done done 2",
      "reset ready 0",
      "canceled canceled 0",
      "removed canceled 0",
    ]);
  });

  test("call a job canceled whichever way it came to that", async () => {
    const one = await rig();
    const reasons: unknown[] = [];
    one.svc.on("canceled", ({ reason, error }) => reasons.push([reason, error]));
    await (await heldJob(one, 1, { maxRetries: 0 })).retry({ error: "no" });
    await heldJob(one, 1, { maxLeaseLosses: 1, timeout: "1s" });
    await pass(one.clock, 1000);
    await (await heldJob(one)).cancel("never");
    expect(reasons).toEqual([
      ["exhausted", "no"],
      ["poison", undefined],
      ["rejected", "never"],
    ]);
  });

  test("say nothing of a job that was not stored", async () => {
    const { svc } = await rig();
    const heard = vi.fn();
    svc.on("enqueued", heard);
    await svc.enqueueMany([1, 2].map((payload) => ({ topic: "topic", payload, options: { unique: "k" } })));
    expect(heard).toHaveBeenCalledOnce();
    expect(heard.mock.calls[0]?.[0]).not.toHaveProperty("payload");
  });

  test("are heard until the listener is taken back, by each listener once", async () => {
    const { svc } = await rig();
    const [a, b] = [vi.fn(), vi.fn()];
    const offs = [svc.on("enqueued", a), svc.on("enqueued", a), svc.on("enqueued", b)];
    await svc.enqueue("topic", 1);
    offs[0]?.();
    offs[2]?.();
    await svc.enqueue("topic", 1);
    expect([a.mock.calls.length, b.mock.calls.length]).toEqual([1, 1]);
  });

  test("go on when a listener throws, which is an error event", async () => {
    const { svc, errors } = await rig();
    const heard = vi.fn();
    svc.on("enqueued", () => {
      throw DISK;
    });
    svc.on("enqueued", heard);
    await svc.enqueue("topic", 1);
    expect(heard).toHaveBeenCalledOnce();
    expect(errors).toEqual(["listening to enqueued: disk"]);
  });

  test("go on when an asynchronous listener rejects, which is an error event", async () => {
    const { svc, errors } = await rig();
    svc.on("enqueued", async () => {
      throw DISK;
    });
    await svc.enqueue("topic", 1);
    await settled();
    expect(errors).toEqual(["listening to enqueued: disk"]);
  });

  test("that a listener of errors fails is printed, once, and ends nothing", async () => {
    const print = vi.spyOn(console, "error").mockImplementation(() => {});
    const events = new EventHub();
    events.on("error", () => {
      throw DISK;
    });
    events.on("error", (async () => {
      throw DISK;
    }) as () => void);
    events.emit({ type: "error", at: NOW, error: "x", doing: "x" });
    await settled();
    expect(print.mock.calls.map(([, error]) => error)).toEqual([DISK, DISK]);
    print.mockRestore();
  });

  test("refuse a listener that is none", async () => {
    const { svc } = await rig();
    expect(() => svc.on("done", undefined as never)).toThrow(TypeError);
  });
});

describe("a stream of events", () => {
  test("yields what happens from now on, and ends when the service closes", async () => {
    const { svc } = await rig();
    await svc.enqueue("topic", 0);
    const seen: string[] = [];
    const reading = (async () => {
      for await (const event of svc.events()) seen.push(event.type);
    })();
    await svc.enqueue("topic", 1);
    await (await svc.reserve("topic"))[0]?.done();
    await svc.close();
    await reading;
    expect(seen).toEqual(["enqueued", "reserved", "done"]);
  });

  test("can be read to its end after the service has closed, and a new one is at its end", async () => {
    const { svc } = await rig();
    const stream = svc.events();
    await svc.enqueue("topic", 1);
    await svc.close();
    expect([await stream.next(), await stream.next()]).toMatchObject([{ value: { type: "enqueued" } }, { done: true }]);
    expect(await svc.events().next()).toEqual({ value: undefined, done: true });
  });

  test("keeps the latest ten thousand for a reader that falls behind", async () => {
    const events = new EventHub();
    const stream = events.stream();
    for (let at = 1; at <= 10_005; at++) events.emit({ type: "error", at, error: 0, doing: "x" });
    expect((await stream.next()).value).toMatchObject({ at: 6 });
    events.close();
    let count = 1;
    for await (const _ of stream) count++;
    expect(count).toBe(10_000);
  });

  test("serves several reads that wait, in order, and ends them all when it is left", async () => {
    const events = new EventHub();
    const stream = events.stream();
    const reads = [stream.next(), stream.next(), stream.next()];
    events.emit({ type: "error", at: 1, error: 0, doing: "x" });
    await stream.return?.();
    await settled();
    expect((await Promise.all(reads)).map(({ done }) => done)).toEqual([false, true, true]);
    expect(events.wants("done")).toBe(false);
  });
});
