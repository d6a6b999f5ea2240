import { constant } from "@jobq/service/retry";
import { defineJob } from "@jobq/service/worker";
import { createWorkflows, defineWorkflow } from "@jobq/service/workflow";
import { describe, expect, test } from "vitest";
import { NOW, pass, rig, settled } from "../harness.ts";
import { ended, working } from "./playing.ts";

const busy = defineJob("busy", {
  retry: constant("1m", { jitter: 0 }),
  run: (_: undefined, { attempt }) => {
    if (attempt < 2) throw new Error("busy");
    return "free";
  },
});
const leaf = defineJob("leaf", { run: () => 1 });

describe("what is known of a run", () => {
  test("is its state, what it waits for, and the status it sets", async () => {
    const one = await rig();
    const workflows = createWorkflows(one.svc);
    const flow = defineWorkflow("flow", async (ctx) => {
      await ctx.step("a", () => {});
      await ctx.setStatus({ at: "the gate" });
      await ctx.waitFor("open", { timeout: "1h" });
      await ctx.setStatus("through");
      return 7;
    });
    await working(one, flow);
    const id = await one.svc.enqueue(flow, undefined);
    await settled();
    expect(await workflows.get(id)).toMatchObject({
      workflow: "flow",
      state: "delayed",
      status: { at: "the gate" },
      finished: 1,
      waitsFor: [{ kind: "signal", name: "open", since: NOW, until: NOW + 3_600_000 }],
      parked: undefined,
      keptSignals: [],
    });
    await workflows.signal(id, "open");
    await ended(one, id);
    expect(await workflows.get(id)).toMatchObject({ state: "done", status: "through", result: 7, waitsFor: [] });
    expect(await workflows.get("00000000-0000-7000-8000-000000000000")).toBeUndefined();
  });

  test("is which signals it keeps that nothing has waited for, how many and since when, also once it has ended", async () => {
    const one = await rig();
    const workflows = createWorkflows(one.svc);
    const flow = defineWorkflow("flow", (ctx) => ctx.waitFor("approved"));
    await working(one, flow);
    const id = await one.svc.enqueue(flow, undefined);
    await settled();
    await workflows.signal(id, "aproved", "typo");
    await pass(one.clock, 1000);
    await workflows.signal(id, "other");
    await workflows.signal(id, "aproved");
    await settled();
    const keptSignals = [
      { name: "aproved", count: 2, since: NOW },
      { name: "other", count: 1, since: NOW + 1000 },
    ];
    expect(await workflows.get(id)).toMatchObject({ waitsFor: [{ name: "approved" }], keptSignals });
    expect(await workflows.history(id)).toMatchObject({ keptSignals });
    await workflows.signal(id, "approved", true);
    await ended(one, id);
    expect(await workflows.get(id)).toMatchObject({ state: "done", result: true, keptSignals });
  });

  test("is each of its steps, with durations, tries, errors, sizes and children", async () => {
    const one = await rig();
    const flow = defineWorkflow("flow", async (ctx) => {
      await ctx.call(busy, undefined);
      await ctx.step("bad", () => Promise.reject(new Error("no"))).catch(() => {});
      await ctx.parallel([(branch) => branch.sleep("1m"), (branch) => branch.call(busy, undefined)]);
      await ctx.fanOut(leaf, [1, 2]);
      await ctx.sleep("1h");
    });
    await working(one, flow, busy, leaf);
    const id = await one.svc.enqueue(flow, undefined);
    await settled();
    for (let minute = 0; minute < 5; minute++) await pass(one.clock, 60_000);
    const history = await createWorkflows(one.svc).history(id);
    expect(history?.steps.map(({ place, id, state, tries }) => [place, id, state, tries])).toEqual([
      ["1", "busy:0", "done", 2],
      ["2", "bad:0", "failed", 1],
      ["3", "parallel:0", "waiting", 1],
      ["3.1.1", "sleep:0", "done", 1],
      ["3.2.1", "busy:1", "done", 2],
      ["4", "leaf:0", "done", 1],
      ["5", "sleep:1", "waiting", 1],
    ]);
    const [call, bad, , , , fan] = history?.steps ?? [];
    expect(call).toMatchObject({ durationMs: 60_000, startedAt: NOW, value: "free", error: undefined });
    expect(call?.size).toBeGreaterThan(50);
    expect(bad?.error).toMatchObject({ name: "Error", message: "no" });
    expect(fan?.children).toMatchObject({ total: 2, states: { done: 2 } });
    expect(history?.limits.steps).toEqual({ used: 7, most: 10_000, isNear: false });
  });

  test("is where its code and its record part, while it is parked", async () => {
    const one = await rig();
    const flow = (name: string) =>
      defineWorkflow("flow", async (ctx) => {
        await ctx.step(name, () => {});
        await ctx.sleep("1m");
      });
    const undeploy = await working(one, flow("old"));
    const id = await one.svc.enqueue("flow", undefined);
    await settled();
    await undeploy();
    await working(one, flow("new"));
    await ended(one, id);
    expect(await createWorkflows(one.svc).get(id)).toMatchObject({
      state: "canceled",
      parked: { code: "WORKFLOW_DRIFT", place: "1", recorded: 'step "old"', reached: 'step "new"' },
    });
  });

  test("comes with a warning at four fifths of what a run may record, and fails beyond that", async () => {
    const one = await rig();
    const warned: unknown[] = [];
    one.svc.on<{ type: "workflow:limit"; at: number; steps: number }>("workflow:limit", ({ steps }) =>
      warned.push(steps),
    );
    const flow = defineWorkflow("flow", async (ctx) => {
      for (;;) await ctx.step("more", () => {});
    });
    await working(one, flow);
    const id = await one.svc.enqueue(flow, undefined);
    const ending = await one.svc.result(id);
    expect(ending).toMatchObject({ state: "canceled", reason: "rejected" });
    const [attempt] = await one.svc.attempts(id);
    expect(attempt?.error?.data?.code).toBe("WORKFLOW_LIMIT");
    expect(warned).toEqual([8001]);
    const workflows = createWorkflows(one.svc);
    expect((await workflows.get(id))?.parked).toEqual({ code: "WORKFLOW_LIMIT", message: attempt?.error?.message });
    const history = await workflows.history(id);
    expect(history?.limits.steps).toMatchObject({ used: 10_000, isNear: true });
  });
});
