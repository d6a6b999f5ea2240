import { exportJobs } from "@jobq/service/transfer";
import { defineJob } from "@jobq/service/worker";
import { checkWorkflow, createWorkflows, defineWorkflow, type WorkflowCode } from "@jobq/service/workflow";
import { describe, expect, test } from "vitest";
import { rig, settled, stored } from "../harness.ts";
import { ended, working } from "./playing.ts";

type Code = WorkflowCode<unknown, unknown>;

function steps(names: readonly string[], ran: string[]): Code {
  return async (ctx) => {
    for (const name of names) {
      if (name === "sleep") await ctx.sleep("1m");
      else await ctx.step(name, () => void ran.push(name));
    }
  };
}

describe("a version", () => {
  test("is the latest for runs that come to it, 1 for those that had passed it, and stays for the run", async () => {
    const one = await rig();
    const seen: unknown[] = [];
    const code =
      (latest?: number): Code =>
      async (ctx) => {
        const met = latest === undefined ? 1 : ctx.version("ship", latest);
        await ctx.step(met >= 2 ? "by-air" : "by-sea", () => {});
        await ctx.sleep("1m");
        seen.push([ctx.id, latest, latest === undefined ? 1 : ctx.version("ship", latest)]);
        await ctx.sleep("1m");
      };
    const undeploy = await working(one, defineWorkflow("flow", code()));
    const old = await one.svc.enqueue("flow", undefined);
    await settled();
    await undeploy();
    const undeploySecond = await working(one, defineWorkflow("flow", code(2)));
    const second = await one.svc.enqueue("flow", undefined);
    await settled();
    await undeploySecond();
    await working(one, defineWorkflow("flow", code(3)));
    const third = await one.svc.enqueue("flow", undefined);
    for (const id of [old, second, third]) expect(await ended(one, id)).toMatchObject({ state: "done" });
    const versions = (id: string) =>
      new Set(seen.filter((one) => (one as [string])[0] === id).map((one) => (one as number[])[2]));
    expect([old, second, third].map(versions)).toEqual([new Set([1]), new Set([2]), new Set([3])]);
    expect(one.errors).toEqual([]);
  });
});

test("a step added before or behind the sleep that a run is in is run", async () => {
  const one = await rig();
  const ran: string[] = [];
  const undeploy = await working(one, defineWorkflow("flow", steps(["a", "sleep"], ran)));
  const id = await one.svc.enqueue("flow", undefined);
  await settled();
  await undeploy();
  await working(one, defineWorkflow("flow", steps(["a", "before", "sleep", "behind"], ran)));
  expect(await ended(one, id)).toMatchObject({ state: "done" });
  expect(ran).toEqual(["a", "before", "behind"]);
});

describe("determinism", () => {
  test.each(["added", "moved", "removed"])(
    "by best effort goes on where a step was %s, and reports it",
    async (how) => {
      const one = await rig();
      const ran: string[] = [];
      createWorkflows(one.svc, { determinism: "bestEffort" });
      const before = ["a", "b", "sleep", "c"];
      const after = {
        added: ["a", "new", "b", "sleep", "c"],
        moved: ["b", "a", "sleep", "c"],
        removed: ["b", "sleep", "c"],
      };
      const undeploy = await working(one, defineWorkflow("flow", steps(before, ran)));
      const id = await one.svc.enqueue("flow", undefined);
      await settled();
      await undeploy();
      const changed = [...after[how as keyof typeof after]];
      await working(one, defineWorkflow("flow", steps([...changed, "sleep", "d"], ran)));
      expect(await ended(one, id)).toMatchObject({ state: "done" });
      expect(ran).toEqual(["a", "b", ...(how === "added" ? ["new"] : []), "c", "d"]);
      expect(one.errors.length).toBeGreaterThan(0);
    },
  );

  test("that is strict parks a run whose code does not come to all that is recorded", async () => {
    const one = await rig();
    const ran: string[] = [];
    const undeploy = await working(one, defineWorkflow("flow", steps(["a", "b", "sleep", "c"], ran)));
    const id = await one.svc.enqueue("flow", undefined);
    await settled();
    await undeploy();
    await working(one, defineWorkflow("flow", steps(["a"], ran), { determinism: "strict" }));
    expect(await ended(one, id)).toMatchObject({ state: "canceled", reason: "rejected" });
    const { parked } = (await createWorkflows(one.svc).get(id)) ?? {};
    expect(parked).toMatchObject({ code: "WORKFLOW_DRIFT", place: "2", recorded: 'step "b"', reached: undefined });
  });

  test("is checked against runs that are kept, without doing anything", async () => {
    const one = await rig();
    const ran: string[] = [];
    const old = defineWorkflow("flow", steps(["a", "b", "sleep", "c"], ran));
    await working(one, old);
    const id = await one.svc.enqueue(old, undefined);
    await settled();
    const lines: string[] = [];
    for await (const line of exportJobs(one.svc)) lines.push(line);
    const check = async (...names: string[]) => checkWorkflow(defineWorkflow("flow", steps(names, ran)), lines);
    const good = { id, parked: undefined, unreached: [] };
    expect(await check("a", "b", "sleep", "c")).toEqual([good]);
    expect(await check("a", "b", "new", "sleep")).toEqual([good]);
    expect(await check("a")).toEqual([{ ...good, unreached: ["2 b"] }]);
    for (const names of [["a", "new", "b"], ["b"], ["a", "B"], ["b", "a"]]) {
      expect(await check(...names)).toMatchObject([{ id, parked: { recorded: expect.any(String) } }]);
    }
    expect(await checkWorkflow(defineWorkflow("other", steps([], ran)), lines)).toEqual([]);
    expect(ran).toEqual(["a", "b"]);
  });
});

describe("a run that continues as new", () => {
  test("keeps its id and its signals, and begins with nothing recorded", async () => {
    const one = await rig();
    const uuids: string[] = [];
    const flow = defineWorkflow("flow", async (ctx, n: number) => {
      uuids.push(ctx.uuid());
      const more = await ctx.waitFor<number>("add");
      const sum = await ctx.step("sum", () => n + more);
      if (sum < 6) await ctx.continueAsNew(sum);
      return sum;
    });
    await working(one, flow);
    const id = await one.svc.enqueue(flow, 0);
    for (const n of [1, 2, 3]) await createWorkflows(one.svc).signal(id, "add", n);
    expect(await ended(one, id)).toEqual({ state: "done", result: 6 });
    const history = await createWorkflows(one.svc).history(id);
    expect(history?.steps.map(({ name, value }) => [name, value])).toEqual([
      ["add", 3],
      ["sum", 6],
    ]);
    expect(new Set(uuids).size).toBe(3);
    expect(await stored(one, id)).toMatchObject({ attempt: 1 });
  });
});

describe("a run that fails for good", () => {
  const trip = (log: string[], fails: () => boolean) =>
    defineWorkflow(
      "trip",
      async (ctx) => {
        for (const what of ["flight", "hotel"]) {
          await ctx.step(what, () => void log.push(`book ${what}`));
          ctx.onRollback(`cancel-${what}`, () => void log.push(`cancel ${what}`));
        }
        await ctx.sleep("1m");
        await ctx.step("pay", () => {
          log.push("pay");
          if (fails()) throw new Error("declined");
        });
      },
      { maxRetries: 1 },
    );

  test("undoes what it has done, the latest first, once", async () => {
    const one = await rig();
    const log: string[] = [];
    const flow = trip(log, () => true);
    await working(one, flow);
    const id = await one.svc.enqueue(flow, undefined);
    expect(await ended(one, id)).toMatchObject({ state: "canceled", error: expect.stringContaining("declined") });
    expect(log).toEqual(["book flight", "book hotel", "pay", "pay", "cancel hotel", "cancel flight"]);
    const history = await createWorkflows(one.svc).history(id);
    expect(history?.steps.filter(({ kind }) => kind === "rollback").map(({ name }) => name)).toEqual([
      "cancel-hotel",
      "cancel-flight",
    ]);
  });

  test("begins anew when it is reset after that", async () => {
    const one = await rig();
    const log: string[] = [];
    let isPoor = true;
    const flow = trip(log, () => isPoor);
    await working(one, flow);
    const id = await one.svc.enqueue(flow, undefined);
    await ended(one, id);
    log.splice(0);
    isPoor = false;
    await one.svc.reset(id);
    expect(await ended(one, id)).toMatchObject({ state: "done" });
    expect(log).toEqual(["book flight", "book hotel", "pay"]);
  });

  test("goes on undoing where it stopped, when it has to pause in between", async () => {
    const one = await rig();
    const log: string[] = [];
    const flow = defineWorkflow("flow", async (ctx) => {
      ctx.onRollback("first", () => void log.push("first"));
      ctx.onRollback("second", () => {
        if (log.push("second") < 3) throw new Error("busy");
      });
      ctx.onRollback("third", () => void log.push("third"));
      await ctx.step("a", () => {});
      await ctx.call("nothing");
    });
    await working(one, flow);
    const id = await one.svc.enqueue(flow, undefined, { maxRetries: 0 });
    expect(await ended(one, id)).toMatchObject({ state: "canceled" });
    expect(log).toEqual(["third", "second", "second", "first"]);
  });

  test("undoes what it has done when it is asked to, even while it sleeps", async () => {
    const one = await rig();
    const log: string[] = [];
    const flow = trip(log, () => false);
    await working(one, flow);
    const id = await one.svc.enqueue(flow, undefined);
    await settled();
    await createWorkflows(one.svc).cancel(id, "changed my mind");
    expect(await one.svc.result(id)).toEqual({ state: "canceled", reason: "canceled", error: "changed my mind" });
    expect(log).toEqual(["book flight", "book hotel", "cancel hotel", "cancel flight"]);
    expect(one.errors).toEqual([]);
  });

  test("undoes what it has begun to do while somebody looked at whether it had", async () => {
    const one = await rig({ shared: true });
    const { svc, wire } = await rig({ shared: true, clock: one.clock, jobs: one.jobs, topics: one.topics });
    const log: string[] = [];
    const flow = trip(log, () => false);
    const id = await one.svc.enqueue(flow, undefined);
    const release = wire.hold("jobs.commit");
    const canceling = createWorkflows(svc).cancel(id, "changed my mind");
    await settled();
    await working(one, flow);
    release();
    await canceling;
    expect(await ended(one, id)).toEqual({ state: "canceled", reason: "canceled", error: "changed my mind" });
    expect(log).toEqual(["book flight", "book hotel", "cancel hotel", "cancel flight"]);
  });

  test("undoes what comes after a status, in a branch as well, however long the reason", async () => {
    const one = await rig();
    const log: string[] = [];
    const flow = defineWorkflow("asking", async (ctx) => {
      await ctx.setStatus("first");
      ctx.onRollback("a", () => void log.push("undo a"));
      await ctx.parallel([
        async (branch) => {
          await branch.step("charge", () => 1);
          await branch.setStatus("charged");
          branch.onRollback("b", () => void log.push("undo b"));
        },
      ]);
      await ctx.setStatus("asking");
      ctx.onRollback("c", () => void log.push("undo c"));
      await ctx.waitFor("approved");
    });
    await working(one, flow);
    const id = await one.svc.enqueue(flow, undefined);
    await settled();
    await createWorkflows(one.svc).cancel(id, "x".repeat(100_000));
    const { state, reason, error } = (await one.svc.result(id)) as { state: string; reason?: string; error?: string };
    expect([state, reason, error?.length]).toEqual(["canceled", "canceled", 8193]);
    expect(log).toEqual(["undo c", "undo b", "undo a"]);
    expect(await createWorkflows(one.svc).get(id)).toMatchObject({ status: "asking" });
  });

  test("takes its children along when it is asked to end, and goes on with them when it is reset", async () => {
    const one = await rig();
    const part = defineJob("part", { topic: "parts", run: () => 1 });
    const flow = defineWorkflow("flow", (ctx) => ctx.fanOut(part, [1, 2]));
    await working(one, flow);
    const id = await one.svc.enqueue(flow, undefined);
    await settled();
    await createWorkflows(one.svc).cancel(id);
    await settled();
    expect(await one.svc.status(id)).toMatchObject({ state: "canceled", reason: "canceled", error: "canceled" });
    expect(await one.svc.find({ topic: "parts", state: "canceled" })).toHaveLength(2);
    await one.svc.reset(id);
    await settled();
    for (const job of await one.svc.reserve("parts", 10)) await job.done("done");
    expect(await ended(one, id)).toEqual({ state: "done", result: ["done", "done"] });
  });
});
