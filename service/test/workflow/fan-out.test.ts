import { defineJob } from "@jobq/service/worker";
import { defineWorkflow } from "@jobq/service/workflow";
import { describe, expect, test } from "vitest";
import { rig, settled, stored } from "../harness.ts";
import { ended, working } from "./playing.ts";

const items = (count: number) => Array.from({ length: count }, (_, index) => index);

describe("a fan-out", () => {
  test("has a job done for each item, and returns what they came to in the order of the items", async () => {
    const one = await rig();
    const square = defineJob("square", { topic: "math", weight: 3, run: (n: number) => n * n });
    const flow = defineWorkflow("flow", async (ctx) => {
      const squares = await ctx.fanOut(square, items(20));
      await ctx.sleep("1m");
      return squares;
    });
    await working(one, flow, square);
    const id = await one.svc.enqueue(flow, undefined, { correlationId: "req-1" });
    expect(await ended(one, id)).toEqual({ state: "done", result: items(20).map((n) => n * n) });
    const children = await one.svc.find({ topic: "math" });
    expect(children).toHaveLength(20);
    expect(children[0]).toMatchObject({ parent: id, weight: 3, data: expect.stringContaining("req-1") });
    expect(one.errors).toEqual([]);
  });

  test.each([2500, 10_000])("of %d is stored in pages, and so are its results", async (count) => {
    const one = await rig();
    const same = defineJob("same", { run: (n: number) => n });
    const flow = defineWorkflow("flow", async (ctx) => {
      const all = await ctx.fanOut(same, items(count));
      await ctx.sleep("1m");
      return all.every((n, index) => n === index) && all.length;
    });
    await working(one, flow, same);
    const id = await one.svc.enqueue(flow, undefined);
    expect(await ended(one, id)).toEqual({ state: "done", result: count });
  });

  test("of nothing is an empty list", async () => {
    const one = await rig();
    const same = defineJob("same", { run: (n: number) => n });
    const flow = defineWorkflow("flow", (ctx) => ctx.fanOut(same, []));
    await working(one, flow, same);
    expect(await ended(one, await one.svc.enqueue(flow, undefined))).toEqual({ state: "done", result: [] });
  });

  test("ends with the first child that fails for good, and cancels the others", async () => {
    const one = await rig();
    const some = defineJob("some", {
      topic: "some",
      maxRetries: 0,
      run: (n: number) => {
        if (n === 1) throw new Error("no ones");
      },
    });
    const flow = defineWorkflow("flow", async (ctx) => {
      const error = await ctx.fanOut(some, items(5), { topic: "mine", concurrency: 2 }).catch((reason) => reason);
      return [error.code, error.details.index, error.details.reason, error.message.includes("no ones")];
    });
    await working(one, flow, { ...some, topic: "mine" });
    const id = await one.svc.enqueue(flow, undefined);
    expect(await ended(one, id)).toEqual({ state: "done", result: ["CHILD_FAILED", 1, "exhausted", true] });
    const states = (await one.svc.find({ topic: "mine" })).map(({ state }) => state);
    expect(states.slice(0, 2)).toEqual(["done", "canceled"]);
    expect(states.every((state) => state === "done" || state === "canceled")).toBe(true);
  });

  test("that collects all returns how each child ended", async () => {
    const one = await rig();
    const odd = defineJob("odd", {
      run: (n: number) => {
        if (n % 2 === 0) throw new Error("even");
        return n;
      },
    });
    const flow = defineWorkflow("flow", (ctx) => ctx.fanOut(odd, items(3), { strategy: "collectAll", retries: 0 }));
    await working(one, flow, odd);
    const failed = { ok: false, reason: "exhausted", error: expect.stringContaining("even") };
    expect(await ended(one, await one.svc.enqueue(flow, undefined))).toEqual({
      state: "done",
      result: [failed, { ok: true, result: 1 }, failed],
    });
  });

  test.each([
    [0.5, true],
    [0.6, false],
  ])("with a threshold of %d of which half succeeds comes to good: %s", async (threshold, isGood) => {
    const one = await rig();
    const odd = defineJob("odd", {
      maxRetries: 0,
      run: (n: number) => {
        if (n % 2 === 0) throw new Error("even");
      },
    });
    const flow = defineWorkflow("flow", (ctx) =>
      ctx.fanOut(odd, items(10), { strategy: { threshold } }).then(
        (all) => all.length,
        (error) => error.code,
      ),
    );
    await working(one, flow, odd);
    const ending = await ended(one, await one.svc.enqueue(flow, undefined));
    expect(ending).toEqual({ state: "done", result: isGood ? 10 : "CHILD_FAILED" });
  });

  test("is canceled with its run", async () => {
    const one = await rig();
    const never = defineJob("never", { run: () => {} });
    const flow = defineWorkflow("flow", (ctx) => ctx.fanOut(never, items(3)));
    await working(one, flow);
    const id = await one.svc.enqueue(flow, undefined);
    await settled();
    expect(await stored(one, id)).toMatchObject({ state: "delayed", links: 1 });
    await one.svc.cancel(id);
    await settled();
    expect((await one.svc.find({ topic: "never" })).map(({ state }) => state)).toEqual(Array(3).fill("canceled"));
    expect((await stored(one, id)).links).toBeUndefined();
  });

  test("has the children that failed tried again after a reset of the run, and none that is done", async () => {
    const one = await rig();
    const ran: number[] = [];
    let isMended = false;
    const some = defineJob("some", {
      maxRetries: 0,
      run: (n: number) => {
        ran.push(n);
        if (n === 1 && !isMended) throw new Error("no ones");
        return n;
      },
    });
    const flow = defineWorkflow("flow", (ctx) => ctx.fanOut(some, items(3), { concurrency: 1 }));
    await working(one, flow, some);
    const id = await one.svc.enqueue(flow, undefined);
    expect(await ended(one, id)).toMatchObject({ state: "canceled", reason: "rejected" });
    isMended = true;
    await one.svc.reset(id);
    expect(await ended(one, id)).toEqual({ state: "done", result: [0, 1, 2] });
    expect(ran.filter((n) => n === 0)).toHaveLength(1);
    expect(ran.filter((n) => n === 1)).toHaveLength(2);
  });

  test("fails clearly when a child was removed", async () => {
    const one = await rig();
    const job = defineJob("job", { run: () => {} });
    const flow = defineWorkflow("flow", (ctx) => ctx.fanOut(job, items(2)).catch(({ details }) => details));
    const undeploy = await working(one, flow);
    const id = await one.svc.enqueue(flow, undefined);
    await settled();
    const [first] = await one.svc.find({ topic: "job" });
    await one.svc.remove(first?.id as string);
    await undeploy();
    await working(one, flow, job);
    expect(await ended(one, id)).toMatchObject({ state: "done", result: { index: 0, reason: "removed" } });
  });

  test("refuses options that mean nothing before anything is stored", async () => {
    const one = await rig();
    const job = defineJob("job", { run: () => {}, limit: { key: "k", concurrency: 1 } });
    const bad = [
      [job, [1], { strategy: "some" }],
      [job, [1], { strategy: { threshold: 2 } }],
      [job, [1], { concurency: 1 }],
      [job, [1], { concurrency: 1 }],
      [job, 1, {}],
      [{}, [1], {}],
    ] as never[][];
    const flow = defineWorkflow("flow", async (ctx) =>
      bad.map((args) => {
        try {
          void (ctx.fanOut as (...all: never[]) => unknown)(...args);
          return "taken";
        } catch (error) {
          return (error as Error).name;
        }
      }),
    );
    await working(one, flow);
    const { result } = (await ended(one, await one.svc.enqueue(flow, undefined))) as { result: string[] };
    expect(result).toEqual(["TypeError", "RangeError", "TypeError", "TypeError", "TypeError", "TypeError"]);
    expect(await one.svc.find({ topic: "job" })).toEqual([]);
  });
});

describe("a child workflow", () => {
  test("is a run of its own, whose result its parent gets", async () => {
    const one = await rig();
    const child = defineWorkflow("child", async (ctx, n: number) => {
      await ctx.sleep("1h");
      return n * 2;
    });
    const parent = defineWorkflow("parent", async (ctx) => (await ctx.call(child, 1)) + (await ctx.call(child, 2)));
    await working(one, parent, child);
    const id = await one.svc.enqueue(parent, undefined);
    expect(await ended(one, id, 10_000_000)).toEqual({ state: "done", result: 6 });
    expect(await one.svc.find({ topic: "child", state: "done" })).toHaveLength(2);
  });

  test("is canceled with its parent, and so are its own children", async () => {
    const one = await rig();
    const leaf = defineJob("leaf", { run: () => {} });
    const child = defineWorkflow("child", (ctx) => ctx.fanOut(leaf, [1]));
    const parent = defineWorkflow("parent", (ctx) => ctx.call(child, undefined));
    await working(one, parent, child);
    const id = await one.svc.enqueue(parent, undefined);
    await settled();
    await one.svc.cancel(id);
    await settled();
    expect(await one.svc.find({ live: true })).toEqual([]);
  });
});

describe("parallel branches", () => {
  test("run side by side, and count their steps by themselves", async () => {
    const one = await rig();
    const ran: string[] = [];
    const flow = defineWorkflow("flow", async (ctx) => {
      const results = await ctx.parallel([
        async (branch) => {
          await branch.step("a", () => void ran.push("a1"));
          await branch.sleep("2m");
          return branch.step("b", () => ran.push("a2"));
        },
        async (branch) => {
          await branch.sleep("1m");
          return branch.step("a", () => {
            ran.push("b1");
            return "second";
          });
        },
      ]);
      await ctx.sleep("1m");
      return results;
    });
    await working(one, flow);
    const id = await one.svc.enqueue(flow, undefined);
    expect(await ended(one, id)).toEqual({ state: "done", result: [3, "second"] });
    expect(ran).toEqual(["a1", "b1", "a2"]);
  });

  test("reject as soon as one of them does", async () => {
    const one = await rig();
    const flow = defineWorkflow("flow", (ctx) =>
      ctx
        .parallel([
          (branch) => branch.waitFor("never"),
          (branch) =>
            branch.step("fails", () => {
              throw new Error("early");
            }),
        ])
        .catch((error: Error) => error.message),
    );
    await working(one, flow);
    expect(await ended(one, await one.svc.enqueue(flow, undefined))).toEqual({ state: "done", result: "early" });
  });
});
