import { createWorkflows, defineWorkflow } from "@jobq/service/workflow";
import { describe, expect, test } from "vitest";
import { expectCode, NOW, pass, rig, settled, stored } from "../harness.ts";
import { ended, gate, working } from "./playing.ts";

describe("a signal", () => {
  test("wakes a run that waits for it, which holds no worker meanwhile", async () => {
    const one = await rig();
    const flow = defineWorkflow("flow", (ctx) => ctx.waitFor<{ by: string }>("approved"));
    await working(one, flow);
    const id = await one.svc.enqueue(flow, undefined);
    await settled();
    expect(await stored(one, id)).toMatchObject({ state: "delayed", runAt: undefined, attempt: 0 });
    await createWorkflows(one.svc).signal(id, "approved", { by: "ada" });
    expect(await one.svc.result(id)).toEqual({ state: "done", result: { by: "ada" } });
    expect(await one.jobs.notes(id, "signal")).toEqual([]);
  });

  test("is kept when it comes early, consumed once, and several of one name are in order", async () => {
    const one = await rig();
    const workflows = createWorkflows(one.svc);
    const flow = defineWorkflow("flow", async (ctx) => {
      const first = await ctx.waitFor("n");
      await ctx.sleep("1m");
      const other = await ctx.waitFor("other");
      return [first, other, await ctx.waitFor("n"), await ctx.waitFor("n", { timeout: "1m" })];
    });
    const id = await one.svc.enqueue(flow, undefined);
    for (const n of [1, 2]) await workflows.signal(id, "n", n);
    await workflows.signal(id, "other");
    await working(one, flow);
    expect(await ended(one, id)).toEqual({ state: "done", result: [1, null, 2, null] });
  });

  test("that does not come in time ends the wait with undefined, for every replay", async () => {
    const one = await rig();
    const flow = defineWorkflow("flow", async (ctx) => {
      const approval = await ctx.waitFor("approved", { timeout: "7d" });
      await ctx.sleep("1m");
      return { approval, at: ctx.now() - NOW };
    });
    await working(one, flow);
    const id = await one.svc.enqueue(flow, undefined);
    await settled();
    await pass(one.clock, 604_800_000);
    await createWorkflows(one.svc).signal(id, "approved", "late");
    expect(await ended(one, id)).toEqual({ state: "done", result: { at: 604_860_000 } });
  });

  test("reaches branches that wait for one name in the order in which they came to wait", async () => {
    const one = await rig();
    const flow = defineWorkflow("flow", (ctx) => Promise.all([ctx.waitFor("n"), ctx.waitFor("n")]));
    await working(one, flow);
    const id = await one.svc.enqueue(flow, undefined);
    for (const n of [1, 2]) {
      await settled();
      await createWorkflows(one.svc).signal(id, "n", n);
    }
    expect(await ended(one, id)).toEqual({ state: "done", result: [1, 2] });
  });

  test("is heard at once while another branch is at work", async () => {
    const one = await rig();
    const { opened, open } = gate();
    const seen: unknown[] = [];
    const flow = defineWorkflow("flow", (ctx) =>
      ctx.parallel([
        (branch) => branch.step("slow", () => opened),
        async (branch) => {
          const value = await branch.waitFor("go");
          await branch.step("seen", () => void seen.push(value));
        },
      ]),
    );
    await working(one, flow);
    const id = await one.svc.enqueue(flow, undefined);
    await settled();
    await createWorkflows(one.svc).signal(id, "go", 7);
    await settled();
    expect(seen).toEqual([7]);
    expect((await stored(one, id)).state).toBe("reserved");
    open();
    expect(await ended(one, id)).toMatchObject({ state: "done" });
  });

  test("to a run that is not there, or has ended, is refused", async () => {
    const one = await rig();
    const flow = defineWorkflow("flow", () => 1);
    await working(one, flow);
    const id = await one.svc.enqueue(flow, undefined);
    await one.svc.result(id);
    const workflows = createWorkflows(one.svc);
    const refused = { code: "INVALID_STATE", message: expect.stringContaining("is done, and takes no signals") };
    await expect(workflows.signal(id, "n")).rejects.toMatchObject(refused);
    await expectCode(workflows.signal("00000000-0000-7000-8000-000000000000", "n"), "JOB_NOT_FOUND");
    await expect(workflows.signal(id, "")).rejects.toThrow(RangeError);
  });

  test("to a job that is no run is refused, and nothing is stored; there is nothing to look at either", async () => {
    const one = await rig();
    const id = await one.svc.enqueue("topic", 1);
    const workflows = createWorkflows(one.svc);
    await expectCode(workflows.signal(id, "n"), "JOB_NOT_FOUND");
    await expectCode(workflows.cancel(id), "JOB_NOT_FOUND");
    expect(await workflows.get(id)).toBeUndefined();
    expect(await workflows.history(id)).toBeUndefined();
    expect(await one.jobs.notes(id, "signal")).toEqual([]);
    expect((await stored(one, id)).state).toBe("ready");
  });

  test("reaches a run that was enqueued by its topic once a worker of the process runs it, or it has recorded something", async () => {
    const one = await rig();
    const flow = defineWorkflow("flow", (ctx) => ctx.waitFor("n"));
    const id = await one.svc.enqueue("flow", undefined);
    await expectCode(createWorkflows(one.svc).signal(id, "n", 1), "JOB_NOT_FOUND");
    const stop = await working(one, flow);
    await stop();
    await createWorkflows(one.svc).signal(id, "n", 1);
    await working(one, flow);
    expect(await ended(one, id)).toEqual({ state: "done", result: 1 });
    const slow = gate();
    const other = defineWorkflow("other", async (ctx) =>
      ctx.step("slow", () => slow.opened).then(() => ctx.waitFor("n")),
    );
    await working(one, other);
    const second = await one.svc.enqueue("other", undefined);
    await settled();
    await createWorkflows(one.svc).signal(second, "n", 2);
    slow.open();
    expect(await ended(one, second)).toEqual({ state: "done", result: 2 });
  });
});
