import { describe, expect, test } from "vitest";
import { expectCode, reserveOne, rig, stored } from "./harness.ts";

describe("a unique key", () => {
  test("while queued is free as soon as its holder is reserved", async () => {
    const one = await rig();
    const unique = { key: "k", while: "queued" } as const;
    const a = await one.svc.enqueue("topic", 1, { unique });
    expect(await one.svc.enqueue("topic", 2, { unique })).toBe(a);
    const job = await reserveOne(one.svc);
    const b = await one.svc.enqueue("topic", 3, { unique });
    expect(b).not.toBe(a);
    await job.retry({ delay: 0 });
    expect((await stored(one, a)).state).toBe("ready");
  });

  test("while kept stands for its holder after the end, until that is removed", async () => {
    const one = await rig();
    const unique = { key: "k", while: "kept" } as const;
    const a = await one.svc.enqueue("topic", 1, { unique });
    await (await reserveOne(one.svc)).done();
    expect(await one.svc.enqueue("topic", 2, { unique })).toBe(a);
    expect((await one.svc.find({ unique: "k" })).map(({ id }) => id)).toEqual([a]);
    await one.svc.remove(a);
    expect(await one.svc.enqueue("topic", 3, { unique })).not.toBe(a);
  });

  test("is held no longer than for so long", async () => {
    const one = await rig();
    const unique = { key: "k", while: "kept", for: "1h" } as const;
    const a = await one.svc.enqueue("topic", 1, { unique });
    one.clock.advance(3_599_999);
    expect(await one.svc.enqueue("topic", 2, { unique })).toBe(a);
    one.clock.advance(1);
    const b = await one.svc.enqueue("topic", 3, { unique });
    expect(b).not.toBe(a);
    expect(await stored(one, a)).toMatchObject({ state: "ready", unique: undefined });
    expect(await one.svc.enqueue("topic", 4, { unique })).toBe(b);
  });

  test("can throw on a conflict, or have the holder replaced unless that is reserved", async () => {
    const one = await rig();
    const a = await one.svc.enqueue("topic", 1, { unique: "k" });
    const throwing = one.svc.enqueue("topic", 2, { unique: { key: "k", onConflict: "throw" } });
    await expect(throwing).rejects.toMatchObject({
      code: "DUPLICATE_JOB",
      message: expect.stringContaining('key "k"'),
    });
    const replace = { key: "k", onConflict: "replace" } as const;
    const b = await one.svc.enqueue("topic", 3, { unique: replace });
    expect(await stored(one, a)).toMatchObject({ state: "canceled", reason: "canceled" });
    expect((await reserveOne(one.svc)).id).toBe(b);
    await expectCode(one.svc.enqueue("topic", 4, { unique: replace }), "DUPLICATE_JOB");
  });
});

describe("enqueue", () => {
  test("takes a priority for a weight, a time to live, an origin and a correlation id", async () => {
    const one = await rig();
    const options = { priority: "high", expires: "1h", origin: "signup", correlationId: "req-1" } as const;
    const id = await one.svc.enqueue("topic", 1, options);
    const job = await stored(one, id);
    expect(job).toMatchObject({ weight: -100, expiresAt: job.createdAt + 3_600_000 });
    expect(JSON.parse(job.data as string)).toEqual({ origin: "signup", correlationId: "req-1" });
    one.clock.advance(3_600_000);
    expect(await one.svc.reserve("topic")).toEqual([]);
    expect(await stored(one, id)).toMatchObject({ state: "canceled", reason: "expired" });
  });

  test("hands out the next job in place of one that is met too late", async () => {
    const one = await rig();
    await one.svc.enqueue("topic", 1, { expires: "1s" });
    const id = await one.svc.enqueue("topic", 2);
    one.clock.advance(1000);
    expect((await one.svc.reserve("topic")).map((job) => job.id)).toEqual([id]);
  });

  test("refuses what means nothing, before anything is written", async () => {
    const one = await rig();
    const wrong = [
      { priority: "urgent" },
      { priority: "high", weight: 1 },
      { unique: { key: "k", while: "ever" } },
      { unique: { key: "k", onConflict: "ignore" } },
      { unique: { key: "" } },
      { expires: "soon" },
      { origin: "" },
      { correlationId: 1 },
    ];
    for (const options of wrong) await expect(one.svc.enqueue("topic", 1, options as never)).rejects.toThrow();
    const many = [{ topic: "topic", payload: 1, options: { unique: { key: "k", onConflict: "throw" as const } } }];
    await expect(one.svc.enqueueMany(many)).rejects.toThrow(TypeError);
    expect(await one.svc.find()).toEqual([]);
  });
});
