import { defineWorkflow, type WorkflowCode } from "@jobq/service/workflow";
import { describe, expect, test } from "vitest";
import { rig, settled } from "../harness.ts";
import { ended, working } from "./playing.ts";

type Code = WorkflowCode<unknown, unknown>;

/** Code that does steps by name, sleeps where it says so, and returns what ran. */
function steps(names: readonly string[], ran: string[]): Code {
  return async (ctx) => {
    for (const name of names) {
      if (name === "sleep") await ctx.sleep("1m");
      else await ctx.step(name, () => void ran.push(name));
    }
  };
}

/** A run whose code is changed while it sleeps. */
async function changed(before: readonly string[], after: readonly string[]) {
  const one = await rig();
  const ran: string[] = [];
  const old = defineWorkflow("flow", steps(before, ran));
  const undeploy = await working(one, old);
  const id = await one.svc.enqueue(old, undefined);
  await settled();
  await undeploy();
  const undeployNew = await working(one, defineWorkflow("flow", steps(after, ran)));
  const ending = await ended(one, id);
  const details = (await one.svc.attempts(id)).at(-1)?.error?.data as { code?: string; details?: object } | undefined;
  await undeployNew();
  return { one, id, ran, ending, code: details?.code, details: details?.details, old };
}

describe("a run whose code was changed", () => {
  test.each([
    ["added", ["a", "b", "sleep", "c"], ["a", "new", "b", "sleep", "c"], "2", 'step "b"', 'step "new"'],
    ["removed", ["a", "b", "sleep", "c"], ["b", "sleep", "c"], "1", 'step "a"', 'step "b"'],
    ["renamed", ["a", "b", "sleep", "c"], ["a", "B", "sleep", "c"], "2", 'step "b"', 'step "B"'],
    ["moved", ["a", "b", "sleep", "c"], ["b", "a", "sleep", "c"], "1", 'step "a"', 'step "b"'],
  ])("is parked when a finished step was %s, and says what was recorded and what was reached", async (...row) => {
    const [, before, after, place, recorded, reached] = row;
    const { ending, code, details, ran } = await changed(before, after);
    expect(ending).toMatchObject({ state: "canceled", reason: "rejected" });
    expect(code).toBe("WORKFLOW_DRIFT");
    expect(details).toMatchObject({ workflow: "flow", place, recorded, reached });
    expect(ran).toEqual(["a", "b"]);
  });

  test("goes on when what has not finished was changed", async () => {
    const { ending, ran } = await changed(["a", "sleep", "b"], ["a", "new", "sleep", "c"]);
    expect(ending).toMatchObject({ state: "done" });
    expect(ran).toEqual(["a", "new", "c"]);
  });

  test("goes on from where it was, once code that fits is deployed and it is reset", async () => {
    const { one, id, ran, old, ending } = await changed(["a", "sleep", "b"], ["x", "sleep", "b"]);
    expect(ending).toMatchObject({ state: "canceled" });
    await working(one, old);
    await one.svc.reset(id);
    expect(await ended(one, id)).toMatchObject({ state: "done" });
    expect(ran).toEqual(["a", "b"]);
  });

  test("can't swallow the drift in its own catch", async () => {
    const one = await rig();
    const caught: unknown[] = [];
    const code =
      (name: string): Code =>
      async (ctx) => {
        try {
          await ctx.step(name, () => {});
          await ctx.sleep("1m");
        } catch (error) {
          caught.push(error);
        } finally {
          caught.push("finally");
        }
      };
    const undeploy = await working(one, defineWorkflow("flow", code("a")));
    const id = await one.svc.enqueue("flow", undefined);
    await settled();
    await undeploy();
    await working(one, defineWorkflow("flow", code("b")));
    expect(await ended(one, id)).toMatchObject({ state: "canceled", reason: "rejected" });
    expect(caught).toEqual([]);
  });
});
