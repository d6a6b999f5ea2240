import type { EnqueueMiddleware } from "@jobq/service";
import { defineJob } from "@jobq/service/worker";
import { describe, expect, test } from "vitest";
import { isPending, rig } from "./harness.ts";

const tagged =
  (tag: string): EnqueueMiddleware =>
  (calls, next) =>
    next(
      calls.map((call) => ({ ...call, payload: `${call.payload} ${tag}`, options: { ...call.options, origin: tag } })),
    );

describe("use", () => {
  test("has enqueue, by a definition too, and enqueueMany go through all middleware, the first one outermost", async () => {
    const { svc } = await rig();
    svc.use(tagged("a"));
    const leave = svc.use(tagged("b"));
    const job = defineJob("job", { run: () => 1 });
    const ids = [await svc.enqueue("topic", 1), await svc.enqueue(job, 2)];
    const [third] = await svc.enqueueMany([{ topic: "topic", payload: 3 }]);
    ids.push(third?.id as string);
    const payloads = await Promise.all(ids.map(async (id) => (await svc.get(id))?.payload));
    expect(payloads).toEqual(["1 a b", "2 a b", "3 a b"]);
    leave();
    expect(await svc.get(await svc.enqueue("topic", 4))).toMatchObject({ payload: "4 a" });
  });

  test("rejects the call with what a middleware throws, and nothing is stored", async () => {
    const { svc } = await rig();
    svc.use(() => {
      throw new Error("no");
    });
    await expect(svc.enqueue("topic", 1)).rejects.toThrow("no");
    await expect(svc.enqueueMany([{ topic: "topic", payload: 1 }])).rejects.toThrow("no");
    expect(await svc.find()).toEqual([]);
  });

  test("takes the ids of one that does not call on, and stores nothing", async () => {
    const { svc } = await rig();
    svc.use(async (calls) => calls.map((_, at) => `mine ${at}`));
    expect(await svc.enqueue("topic", 1)).toBe("mine 0");
    expect(await svc.find()).toEqual([]);
  });

  test("refuses what is no list of ids, and what is no function", async () => {
    const { svc } = await rig();
    const leave = svc.use(async () => []);
    await expect(svc.enqueue("topic", 1)).rejects.toThrow(TypeError);
    expect(() => svc.use(1 as never)).toThrow(TypeError);
    leave();
    expect(await svc.enqueue("topic", 1)).toEqual(expect.any(String));
  });

  test("leaves a call pending that one neither answers nor calls on for, which keeps nobody else waiting", async () => {
    const { svc } = await rig();
    const leave = svc.use(() => new Promise(() => {}));
    const hung = svc.enqueue("topic", 1);
    leave();
    await svc.enqueue("topic", 2);
    expect(await isPending(hung)).toBe(true);
    expect(await svc.find()).toHaveLength(1);
    await svc.close();
  });
});
