import { createWorker, SUSPENDED } from "@jobq/service/worker";
import { createWorkflows, defineWorkflow } from "@jobq/service/workflow";
import { expect, test } from "vitest";
import { rig, settled } from "../harness.ts";

test("middleware of a worker tells turns that let go of their run from those that end it, and hooks are told of the last", async () => {
  const one = await rig();
  const seen: unknown[] = [];
  const flow = defineWorkflow("flow", async (ctx) => {
    await ctx.waitFor("go");
    if ((await ctx.waitFor("how")) === "badly") throw new Error("badly");
    return "well";
  });
  const retried = { ...flow, options: { ...flow.options, maxRetries: 0 } };
  const worker = createWorker(one.svc, {
    jobs: [retried],
    onDone: (_, result) => void seen.push(["onDone", result]),
    onFail: () => void seen.push("onFail"),
  });
  worker.use(async (_, next) => {
    const result = await next().catch((error: Error) => {
      seen.push(error.message);
      throw error;
    });
    seen.push(result === SUSPENDED ? "suspended" : result);
    return result;
  });
  await worker.start();
  const workflows = createWorkflows(one.svc);
  for (const how of ["well", "badly"]) {
    const id = await one.svc.enqueue(retried, undefined);
    await settled();
    await workflows.signal(id, "go");
    await settled();
    await workflows.signal(id, "how", how);
    await one.svc.result(id);
  }
  await settled();
  const waited = ["suspended", "suspended"];
  expect(seen).toEqual([...waited, "well", ["onDone", "well"], ...waited, "badly", "onFail"]);
  expect(one.errors).toEqual([]);
  await worker.stop({ deadline: 0 });
});
