import { constant, NoRetry, RetryAfter } from "@jobq/service/retry";
import { defineJob } from "@jobq/service/worker";
import { defineWorkflow, type StepTry, type WorkflowContext } from "@jobq/service/workflow";
import { describe, expect, test } from "vitest";
import { NOW, pass, rig, settled, stored } from "../harness.ts";
import { ended, gate, working } from "./playing.ts";

describe("a workflow", () => {
  test("is enqueued and run like any job, and its result is that of its code", async () => {
    const one = await rig();
    const flow = defineWorkflow("sum", async (ctx: WorkflowContext, n: number) => {
      const a = await ctx.step("a", () => n + 1);
      return a + (await ctx.step("b", () => 10));
    });
    await working(one, flow);
    const id = await one.svc.enqueue(flow, 1);
    expect(await one.svc.result(id)).toEqual({ state: "done", result: 12 });
    expect(await stored(one, id)).toMatchObject({ name: "sum", topic: "sum", maxRetries: 2, attempt: 1 });
    expect(one.errors).toEqual([]);
  });

  test.each<[string, unknown]>([
    ["function", () => 1],
    ["symbol", Symbol("a")],
  ])("fails on a step that returns a %s, and names the step: nothing can keep it", async (type, value) => {
    const one = await rig();
    const flow = defineWorkflow("flow", (ctx) => ctx.step("charge", () => value), { maxRetries: 0 });
    await working(one, flow);
    const id = await one.svc.enqueue(flow, undefined);
    const ending = await one.svc.result(id);
    expect(ending).toMatchObject({ state: "canceled", reason: "rejected" });
    expect((ending as { error?: string }).error).toContain(`step "charge": result: a ${type} has no JSON`);
  });

  test("replays after a sleep, which holds no worker and costs no attempt: finished steps do not run again", async () => {
    const one = await rig();
    const ran: string[] = [];
    const flow = defineWorkflow("flow", async (ctx) => {
      const a = await ctx.step("a", () => ran.push("a"));
      const before = [ctx.now(), ctx.uuid(), ctx.random()];
      await ctx.sleep("2d");
      await ctx.step("b", () => ran.push("b"));
      return { a, before, slept: ctx.now() - NOW };
    });
    await working(one, flow);
    const id = await one.svc.enqueue(flow, undefined);
    await settled();
    expect(await stored(one, id)).toMatchObject({ state: "delayed", runAt: NOW + 172_800_000, attempt: 0 });
    await pass(one.clock, 172_800_000);
    const ending = await one.svc.result(id);
    expect(ending).toMatchObject({ state: "done", result: { a: 1, slept: 172_800_000 } });
    expect(ran).toEqual(["a", "b"]);
    expect(await stored(one, id)).toMatchObject({ attempt: 1, token: 2 });
  });

  test("has values of time and chance that are the same in every replay, and differ from each other", async () => {
    const one = await rig();
    const seen: unknown[][] = [];
    const flow = defineWorkflow("flow", async (ctx) => {
      const at = ctx.now();
      await ctx.step("a", () => {});
      const values = [at, ctx.now(), ctx.uuid(), ctx.uuid(), ctx.random(), ctx.random()];
      seen.push(values);
      await ctx.sleep("1m");
      return values;
    });
    await working(one, flow);
    const [first, second] = [await one.svc.enqueue(flow, undefined), await one.svc.enqueue(flow, undefined)];
    await ended(one, first);
    await ended(one, second);
    expect(seen).toHaveLength(4);
    expect(new Set(seen.map((values) => JSON.stringify(values))).size).toBe(2);
    const [values = []] = seen;
    expect(new Set(values.slice(2)).size).toBe(4);
    expect(values[2]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(values[4]).toSatisfy((n: number) => n >= 0 && n < 1);
  });

  test("sees results as a replay will, from the first time on", async () => {
    const one = await rig();
    const flow = defineWorkflow("flow", async (ctx) => {
      const when: unknown = await ctx.step("when", () => ({ at: new Date(0), none: undefined }));
      return when;
    });
    await working(one, flow);
    const ending = await one.svc.result(await one.svc.enqueue(flow, undefined));
    expect(ending).toEqual({ state: "done", result: { at: "1970-01-01T00:00:00.000Z" } });
  });

  test.each([NaN, -Infinity, -0, undefined, null, "", 0.1, true])("sees %s as a replay will", async (value) => {
    const one = await rig();
    const seen: unknown[] = [];
    const flow = defineWorkflow("flow", async (ctx) => {
      seen.push(await ctx.step("value", () => value));
      await ctx.sleep("1m");
    });
    await working(one, flow);
    await ended(one, await one.svc.enqueue(flow, undefined));
    expect(seen).toHaveLength(2);
    expect(seen[0]).toBe(seen[1]);
  });

  test("runs a step again that has failed with the run, and not the ones before it", async () => {
    const one = await rig();
    const ran: string[] = [];
    const flow = defineWorkflow("flow", async (ctx) => {
      await ctx.step("a", () => ran.push("a"));
      return ctx.step("b", () => {
        if (ran.push("b") < 4) throw new Error("not yet");
        return ctx.attempt;
      });
    });
    await working(one, flow);
    const id = await one.svc.enqueue(flow, undefined);
    expect(await ended(one, id)).toEqual({ state: "done", result: 3 });
    expect(ran).toEqual(["a", "b", "b", "b"]);
  });

  test("keeps a failure that its code catches: the step does not succeed in a later replay", async () => {
    const one = await rig();
    let ran = 0;
    const flow = defineWorkflow("flow", async (ctx) => {
      const how = await ctx
        .step("a", () => {
          ran++;
          throw Object.assign(new TypeError("broken"), { code: "E1" });
        })
        .catch((error) => [error.name, error.message, error.code]);
      await ctx.sleep("1m");
      return how;
    });
    await working(one, flow);
    const id = await one.svc.enqueue(flow, undefined);
    expect(await ended(one, id)).toEqual({ state: "done", result: ["TypeError", "broken", "E1"] });
    expect(ran).toBe(1);
  });

  test("waits for steps that were begun together, and gives the code their results in the order they first came", async () => {
    const one = await rig();
    const orders: string[][] = [];
    const gates = { x: gate(), y: gate() };
    const flow = defineWorkflow("flow", async (ctx) => {
      const order: string[] = [];
      const branch = async (name: "x" | "y") => {
        await ctx.step(`${name}1`, () => gates[name].opened);
        order.push(`${name}1`);
        await ctx.step(`${name}2`, () => {});
        order.push(`${name}2`);
      };
      await Promise.all([branch("x"), branch("y")]);
      orders.push(order);
      await ctx.sleep("1m");
    });
    await working(one, flow);
    const id = await one.svc.enqueue(flow, undefined);
    await settled();
    gates.y.open();
    await settled();
    gates.x.open();
    expect(await ended(one, id)).toMatchObject({ state: "done" });
    expect(orders).toEqual([
      ["y1", "y2", "x1", "x2"],
      ["y1", "y2", "x1", "x2"],
    ]);
  });

  test("goes on in its turn when a sleep ends while another step is done", async () => {
    const one = await rig();
    const { opened, open } = gate();
    const flow = defineWorkflow("flow", async (ctx) => {
      const winner = await Promise.race([
        ctx.step("slow", () => opened).then(() => "step"),
        ctx.sleep("10s").then(() => "sleep"),
      ]);
      await ctx.step("after", () => {});
      return winner;
    });
    await working(one, flow);
    const id = await one.svc.enqueue(flow, undefined);
    await settled();
    expect((await stored(one, id)).state).toBe("reserved");
    await pass(one.clock, 10_000);
    open();
    expect(await ended(one, id)).toEqual({ state: "done", result: "sleep" });
  });

  test("refuses a step within a step, and names of steps that are none", async () => {
    const one = await rig();
    const flow = defineWorkflow("flow", async (ctx) => ctx.step("outer", () => ctx.step("inner", () => {})), {
      maxRetries: 0,
    });
    const nameless = defineWorkflow("nameless", async (ctx) => ctx.step("", () => {}), { maxRetries: 0 });
    await working(one, flow, nameless);
    const id = await one.svc.enqueue(flow, undefined);
    expect(await one.svc.result(id)).toMatchObject({ error: expect.stringContaining('step "inner"') });
    const other = await one.svc.result(await one.svc.enqueue(nameless, undefined));
    expect(other).toMatchObject({ error: expect.stringContaining("RangeError") });
  });

  test("fails clearly when a result has no encoding, and does not do the step again", async () => {
    const one = await rig();
    let ran = 0;
    const flow = defineWorkflow("flow", async (ctx) => ctx.step("big", () => BigInt(++ran)));
    await working(one, flow);
    const id = await one.svc.enqueue(flow, undefined);
    expect(await ended(one, id)).toMatchObject({ state: "canceled", reason: "rejected" });
    expect(ran).toBe(1);
  });
});

describe("a call", () => {
  test("runs a job of the worker in place, by its definition or its name, with its own payload and try", async () => {
    const one = await rig();
    const double = defineJob("double", { run: async (n: number, { attempt, name }) => [name, attempt, n * 2] });
    const flow = defineWorkflow("flow", async (ctx) => [await ctx.call(double, 2), await ctx.call("double", 4)]);
    await working(one, flow, double);
    const id = await one.svc.enqueue(flow, undefined);
    expect(await one.svc.result(id)).toEqual({
      state: "done",
      result: [
        ["double", 1, 4],
        ["double", 1, 8],
      ],
    });
    expect(await one.svc.find({ name: "double" })).toEqual([]);
  });

  test("names the jobs that the worker has when it has none of that name", async () => {
    const one = await rig();
    const flow = defineWorkflow("flow", (ctx) => ctx.call("dubble", 1), { maxRetries: 0 });
    await working(one, flow);
    const id = await one.svc.enqueue(flow, undefined);
    expect(await one.svc.result(id)).toMatchObject({ error: expect.stringContaining('"dubble"') });
  });

  test("is tried again, and the pause between two tries holds no worker", async () => {
    const one = await rig();
    const tries: StepTry["attempt"][] = [];
    const flaky = defineJob("flaky", {
      run: (_: undefined, { attempt }) => {
        tries.push(attempt);
        if (attempt < 3) throw new Error("busy");
        return attempt;
      },
    });
    const flow = defineWorkflow("flow", (ctx) => ctx.call(flaky, undefined, { backoff: constant("1h") }));
    await working(one, flow, flaky);
    const id = await one.svc.enqueue(flow, undefined);
    await settled();
    expect(await stored(one, id)).toMatchObject({ state: "delayed", attempt: 0 });
    expect(await ended(one, id, 8_000_000)).toEqual({ state: "done", result: 3 });
    expect(tries).toEqual([1, 2, 3]);
    expect(await one.svc.attempts(id)).toHaveLength(1);
  });

  test("has 3 retries, after which its failure is final: the run fails at once, and does not call again", async () => {
    const one = await rig();
    let ran = 0;
    const broken = defineJob("broken", {
      run: () => {
        ran++;
        throw new Error("broken");
      },
    });
    const flow = defineWorkflow("flow", (ctx) => ctx.call(broken, undefined));
    await working(one, flow, broken);
    const id = await one.svc.enqueue(flow, undefined);
    expect(await ended(one, id)).toMatchObject({ state: "canceled", reason: "rejected" });
    expect(ran).toBe(4);
  });

  test("is tried again after a reset of the run, which keeps what had succeeded", async () => {
    const one = await rig();
    const ran: string[] = [];
    let isMended = false;
    const fragile = defineJob("fragile", {
      maxRetries: 0,
      run: () => {
        ran.push("call");
        if (!isMended) throw new Error("broken");
      },
    });
    const flow = defineWorkflow("flow", async (ctx) => {
      await ctx.step("first", () => ran.push("step"));
      await ctx.call(fragile, undefined);
      await ctx.step("last", () => ran.push("last"));
    });
    await working(one, flow, fragile);
    const id = await one.svc.enqueue(flow, undefined);
    expect(await ended(one, id)).toMatchObject({ state: "canceled" });
    isMended = true;
    await one.svc.reset(id);
    expect(await ended(one, id)).toMatchObject({ state: "done" });
    expect(ran).toEqual(["step", "call", "call", "last"]);
  });

  test("is given up by NoRetry, and put off by RetryAfter", async () => {
    const one = await rig();
    const asked = defineJob("asked", {
      run: (_: undefined, { attempt }) => {
        if (attempt === 1) throw new RetryAfter("10m");
        throw new NoRetry(Object.assign(new Error("never"), { code: "E" }));
      },
    });
    const flow = defineWorkflow("flow", (ctx) => ctx.call(asked, undefined).catch(({ code }) => code));
    await working(one, flow, asked);
    const id = await one.svc.enqueue(flow, undefined);
    await settled();
    expect((await stored(one, id)).runAt).toBeGreaterThanOrEqual(NOW + 600_000);
    expect(await ended(one, id)).toEqual({ state: "done", result: "E" });
  });

  test("that failed throws an error without the stack of the code that restores it", async () => {
    const one = await rig();
    const steps: Record<string, () => never> = {
      text: () => {
        throw "no error at all";
      },
      hopeless: function sayNever() {
        throw new NoRetry("never");
      },
    };
    const flow = defineWorkflow("flow", async (ctx) => {
      const seen: unknown[] = [];
      for (const [name, run] of Object.entries(steps)) {
        await ctx.step(name, run).catch(({ name, message, stack }: Error) => seen.push([name, message, stack]));
      }
      await ctx.sleep("1m"); // a replay comes to the same
      return seen;
    });
    await working(one, flow);
    const id = await one.svc.enqueue(flow, undefined);
    const stack = expect.stringMatching(/^NoRetry: never\n.*sayNever/);
    expect(await ended(one, id)).toMatchObject({
      state: "done",
      result: [
        ["Thrown", "no error at all", "Thrown: no error at all"],
        ["NoRetry", "never", stack],
      ],
    });
  });

  test("takes no longer than its timeout, and its signal says so", async () => {
    const one = await rig();
    const reasons: unknown[] = [];
    const slow = defineJob("slow", {
      timeout: "1m",
      maxRetries: 0,
      run: (_: undefined, { signal }) =>
        new Promise(() => signal.addEventListener("abort", () => reasons.push(signal.reason.code))),
    });
    const flow = defineWorkflow("flow", (ctx) => ctx.call(slow, undefined).catch(({ code }) => code));
    await working(one, flow, slow);
    const id = await one.svc.enqueue(flow, undefined);
    await settled();
    await pass(one.clock, 60_000);
    expect(await one.svc.result(id)).toEqual({ state: "done", result: "TIMEOUT" });
    expect(reasons).toEqual(["TIMEOUT"]);
  });
});
