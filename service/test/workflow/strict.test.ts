import { promisify } from "node:util";
import type { createService } from "@jobq/service";
import { NoRetry } from "@jobq/service/retry";
import { exportJobs } from "@jobq/service/transfer";
import { type createWorker, defineJob } from "@jobq/service/worker";
import { checkWorkflow, createWorkflows, defineWorkflow, type WorkflowContext } from "@jobq/service/workflow";
import { afterEach, describe, expect, test, vi } from "vitest";
import { type Rig, rig, settled } from "../harness.ts";
import { ended, gate, working } from "./playing.ts";

const STRICT = { determinism: "strict" } as const;
const rigs: Rig[] = [];

/** A service that is closed after the test, so that no test finds the traps of another. */
async function strictRig(): Promise<Rig> {
  const one = await rig();
  rigs.push(one);
  return one;
}

afterEach(async () => {
  await Promise.all(rigs.splice(0).map(({ svc }) => svc.close({ deadline: 0 })));
  vi.restoreAllMocks();
});

/** What the latest attempt at a run failed by. */
async function failureOf({ svc }: Rig, id: string) {
  const error = (await svc.attempts(id)).at(-1)?.error;
  return { ...(error?.data as { code?: string; details?: { used?: string; instead?: string } }), stack: error?.stack };
}

const uses: readonly (readonly [string, string, () => unknown])[] = [
  ["Date.now()", "ctx.now()", () => Date.now()],
  ["the time of new Date()", "new Date(ctx.now())", () => new Date()],
  ["the time of new Date()", "new Date(ctx.now())", () => Date()],
  ["Math.random()", "ctx.random()", () => Math.random()],
  ["crypto.randomUUID()", "ctx.uuid()", () => crypto.randomUUID()],
  ["crypto.getRandomValues()", "ctx.random()", () => crypto.getRandomValues(new Uint8Array(1))],
  ["setTimeout()", "ctx.sleep()", () => setTimeout(() => {}, 0)],
  ["setInterval()", "ctx.sleep()", () => clearInterval(setInterval(() => {}, 1000))],
  ["setImmediate()", "ctx.sleep()", () => setImmediate(() => {})],
];

describe("a strict run", () => {
  test.each(uses)("that uses %s is parked, and told of %s instead", async (used, instead, use) => {
    const one = await strictRig();
    const caught: unknown[] = [];
    const flow = defineWorkflow(
      "flow",
      async (ctx) => {
        await ctx.step("a", () => {});
        try {
          use();
          await ctx.step("b", () => void caught.push("b"));
        } catch (error) {
          caught.push(error);
        } finally {
          caught.push("finally");
        }
      },
      STRICT,
    );
    await working(one, flow);
    const id = await one.svc.enqueue(flow, undefined);
    expect(await ended(one, id)).toMatchObject({ state: "canceled", reason: "rejected" });
    const { code, details, stack } = await failureOf(one, id);
    expect([code, details]).toEqual(["WORKFLOW_NONDETERMINISTIC", { id, workflow: "flow", place: "1", used, instead }]);
    const parked = { code, message: expect.any(String), place: "1", used, instead };
    expect((await createWorkflows(one.svc).get(id))?.parked).toEqual(parked);
    expect(stack).toContain("strict.test.ts");
    expect(caught).toEqual([]);
  });

  test.each(uses)(
    "is found by checkWorkflow to use %s, where the definition or the service is strict",
    async (...use) => {
      const [used, instead, uses] = use;
      const one = await strictRig();
      const flow = (between: () => unknown, options = {}) =>
        defineWorkflow(
          "flow",
          async (ctx) => {
            await ctx.parallel([
              async (branch) => {
                await branch.step("a", () => {});
                between();
              },
            ]);
            await ctx.step("b", () => {});
            await ctx.sleep("1m");
          },
          options,
        );
      await working(
        one,
        flow(() => {}),
      );
      const id = await one.svc.enqueue("flow", undefined);
      await settled();
      const lines: string[] = [];
      for await (const line of exportJobs(one.svc)) lines.push(line);
      const good = { id, parked: undefined, unreached: [] };
      const bad = {
        ...good,
        parked: { code: "WORKFLOW_NONDETERMINISTIC", message: expect.any(String), place: "1.1.1", used, instead },
      };
      const { now } = Date;
      expect(await checkWorkflow(flow(uses), lines)).toEqual([good]);
      expect(await checkWorkflow(flow(uses, STRICT), lines)).toEqual([bad]);
      expect(await checkWorkflow(flow(uses), lines, STRICT)).toEqual([bad]);
      expect(
        await checkWorkflow(
          flow(() => {}, STRICT),
          lines,
        ),
      ).toEqual([good]);
      await expect(checkWorkflow(flow(uses, STRICT), ["no JSON"])).rejects.toBeInstanceOf(SyntaxError);
      expect(Date.now).toBe(now); // nothing is watched any more
    },
  );

  test("goes on where it was, once code that fits is deployed and it is reset", async () => {
    const one = await strictRig();
    const ran: string[] = [];
    const code = (time: (ctx: WorkflowContext) => number) => async (ctx: WorkflowContext) => {
      await ctx.step("a", () => void ran.push("a"));
      return time(ctx) > 0 && ctx.step("b", () => ran.push("b"));
    };
    const undeploy = await working(
      one,
      defineWorkflow(
        "flow",
        code(() => Date.now()),
        STRICT,
      ),
    );
    const id = await one.svc.enqueue("flow", undefined);
    expect(await ended(one, id)).toMatchObject({ state: "canceled" });
    await undeploy();
    await working(
      one,
      defineWorkflow(
        "flow",
        code((ctx) => ctx.now()),
        STRICT,
      ),
    );
    await one.svc.reset(id);
    expect(await ended(one, id)).toEqual({ state: "done", result: 2 });
    expect(ran).toEqual(["a", "b"]);
  });

  test.each([
    ["in a branch", (ctx: WorkflowContext) => ctx.parallel([(b) => b.step("s", () => {}).then(() => Date.now())])],
    ["in what follows a promise", () => Promise.resolve().then(() => Date.now())],
    ["in a function that it calls later on", (ctx: WorkflowContext) => ctx.sleep("1m").then(() => Math.random())],
  ])("is parked for what it uses %s", async (_, code) => {
    const one = await strictRig();
    const flow = defineWorkflow("flow", async (ctx) => void (await code(ctx)), STRICT);
    await working(one, flow);
    const id = await one.svc.enqueue(flow, undefined);
    expect(await ended(one, id)).toMatchObject({ state: "canceled" });
    expect(await failureOf(one, id)).toMatchObject({ code: "WORKFLOW_NONDETERMINISTIC" });
  });

  test("may use all of it in what it has done: steps, calls, schemas, policies, rollbacks", async () => {
    const one = await strictRig();
    const all = (): void => {
      for (const [, , use] of uses) use();
    };
    const job = defineJob<number, number>("job", {
      schema: {
        "~standard": {
          version: 1,
          vendor: "test",
          validate: (value) => {
            all();
            return { value: value as number };
          },
        },
      },
      maxRetries: 1,
      retryWhen: () => {
        all();
        return 1000;
      },
      run: async (n, { attempt }) => {
        await settled();
        all();
        if (attempt === 1) throw new Error("not at first");
        return n;
      },
    });
    const child = defineWorkflow("child", async (ctx) => {
      all();
      return ctx.step("s", () => 5);
    });
    const flow = defineWorkflow(
      "flow",
      async (ctx) => {
        ctx.onRollback("undo", all);
        const a = await ctx.step("a", async () => {
          all();
          await settled();
          all();
          return 1;
        });
        const b = await ctx.call(job, 2);
        const [c] = await ctx.fanOut(job, [3]);
        const d = await ctx.parallel([(branch) => branch.step("d", () => 4)]);
        const e = await ctx.call(child, undefined);
        ctx.version("v", 2);
        await ctx.setStatus("nearly");
        await ctx.sleep("1m");
        await ctx.waitFor("never", { timeout: "1m" });
        await ctx.step("result", () => [a, b, c, d[0], e]).then((got) => expect(got).toEqual([1, 2, 3, 4, 5]));
        throw new NoRetry("enough");
      },
      STRICT,
    );
    await working(one, flow, job, child);
    const id = await one.svc.enqueue(flow, undefined);
    expect(await ended(one, id)).toMatchObject({ state: "canceled", error: expect.stringContaining("enough") });
    expect(one.errors).toEqual([]);
  });

  test("that has used something is let go on as to what is not durable: the platform's functions do what they do", async () => {
    const one = await strictRig();
    const seen: unknown[] = [];
    const flow = defineWorkflow("flow", async () => void seen.push(new Date() instanceof Date, Date.now() > 0), STRICT);
    await working(one, flow);
    await ended(one, await one.svc.enqueue(flow, undefined));
    expect(seen).toEqual([true, true]);
  });
});

describe("while a strict run is under way", () => {
  test("workflows that are not strict, and all other code, use what they like", async () => {
    const one = await strictRig();
    const { opened, open } = gate();
    const watched = defineWorkflow("watched", (ctx) => ctx.step("slow", () => opened), STRICT);
    const free = defineWorkflow("free", async (ctx) => {
      for (const [, , use] of uses) use();
      await ctx.step("a", () => {});
      return [Date.now() > 0, Math.random() < 1];
    });
    await working(one, watched, free);
    const id = await one.svc.enqueue(watched, undefined);
    await settled();
    for (const [, , use] of uses) use();
    expect(await ended(one, await one.svc.enqueue(free, undefined))).toEqual({ state: "done", result: [true, true] });
    open();
    expect(await ended(one, id)).toMatchObject({ state: "done" });
  });

  test("the platform looks as it does otherwise", async () => {
    const one = await strictRig();
    const before = [Date, Math.random, setTimeout];
    const held = new Date(5);
    await ended(one, await one.svc.enqueue(await strictNoop(one), undefined));
    expect(before).not.toContain(Date);
    class Later extends Date {}
    expect([held instanceof Date, new Later() instanceof Date, new Date().constructor === Date]).toEqual([
      true,
      true,
      true,
    ]);
    expect([Date.name, Date.length, new Date(7).getTime(), Date.UTC(1970, 0)]).toEqual(["Date", 7, 7, 0]);
    expect(await promisify(setTimeout)(0, "value")).toBe("value");
    expect(structuredClone(new Date(3))).toEqual(new Date(3));
  });

  test("what others put in the place of the platform's stays when the service closes", async () => {
    const one = await strictRig();
    await ended(one, await one.svc.enqueue(await strictNoop(one), undefined));
    const trap = Math.random;
    Math.random = () => 0.25;
    await one.svc.close({ deadline: 0 });
    expect(Math.random()).toBe(0.25);
    Math.random = trap; // as a mock does that is restored
    expect(Math.random()).toBeLessThan(1);
    const other = await strictRig();
    const flow = defineWorkflow("flow", () => Math.random(), STRICT);
    await working(other, flow);
    expect(await ended(other, await other.svc.enqueue(flow, undefined))).toMatchObject({ state: "canceled" });
  });
});

test("the platform's functions are put back when the last service with strict runs has closed", async () => {
  const find = () => [Date, Date.now, Date.prototype.constructor, crypto.randomUUID, setTimeout, setImmediate];
  const before = find();
  const [one, other] = [await strictRig(), await strictRig()];
  for (const each of [one, other]) await ended(each, await each.svc.enqueue(await strictNoop(each), undefined));
  const trapped = find();
  expect(trapped.filter((each, index) => each === before[index])).toEqual([]);
  await one.svc.close({ deadline: 0 });
  expect(find()).toEqual(trapped);
  await other.svc.close({ deadline: 0 });
  expect(find()).toEqual(before);
  expect(Object.hasOwn(crypto, "randomUUID")).toBe(false);
});

test("a runtime that knows no asynchronous contexts is reported once, and its strict runs do the rest", async () => {
  vi.resetModules();
  vi.spyOn(process, "getBuiltinModule").mockReturnValue(undefined as never);
  const copy = {
    ...((await import("@jobq/service")) as { createService: typeof createService }),
    ...((await import("@jobq/service/worker")) as { createWorker: typeof createWorker }),
    ...((await import("@jobq/service/workflow")) as {
      defineWorkflow: typeof defineWorkflow;
      createWorkflows: typeof createWorkflows;
    }),
    ...(await import("@jobq/job-memory")),
    ...(await import("@jobq/pq-memory")),
  };
  const svc = copy.createService({ jobs: copy.memoryJobs(), topics: copy.memoryTopics() });
  const errors: string[] = [];
  svc.on("error", ({ error }) => errors.push((error as Error).message));
  copy.createWorkflows(svc, STRICT);
  const flow = copy.defineWorkflow("flow", async (ctx) =>
    ctx.step("a", () => 1).then((a) => a + Math.floor(Math.random())),
  );
  const worker = copy.createWorker(svc, { jobs: [flow] });
  await worker.start();
  for (let run = 0; run < 2; run++) {
    expect(await svc.result(await svc.enqueue(flow, undefined))).toEqual({ state: "done", result: 1 });
  }
  expect(errors).toEqual([expect.stringContaining("AsyncLocalStorage")]);
  await svc.close();
});

/** A strict workflow that does nothing, with a worker for it. */
async function strictNoop(one: Rig) {
  const noop = defineWorkflow("noop", () => {}, STRICT);
  await working(one, noop);
  return noop;
}
