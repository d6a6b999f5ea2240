import { createSchedules, every } from "@jobq/service/cron";
import { defineJob } from "@jobq/service/worker";
import { createWorkflows, defineWorkflow } from "@jobq/service/workflow";
import { expect, test } from "vitest";
import { NOW, pass, type Rig, rig, settled } from "../harness.ts";
import { ended, working } from "./playing.ts";

const fails = defineJob("fails", {
  run: () => {
    throw new Error("no");
  },
});
const child = defineWorkflow("child", () => 1);
const waits = defineWorkflow("waits", async (ctx) => {
  await ctx.fanOut(child, [1, 2]);
  await ctx.waitFor("go");
});
const ends = defineWorkflow("ends", async (ctx, isGood: boolean) => {
  if (!isGood) await ctx.call(fails, undefined, { retries: 0 });
});

/** Runs of three workflows among other jobs. */
async function played(): Promise<{ one: Rig; ids: Record<"waiting" | "good" | "bad" | "waiting2", string> }> {
  const one = await rig();
  await working(one, waits, ends, child);
  const { svc } = one;
  await svc.enqueue("other", 1);
  const waiting = await svc.enqueue(waits, undefined);
  const good = await svc.enqueue(ends, true);
  const bad = await svc.enqueue(ends, false);
  await svc.enqueue("other", 2);
  const waiting2 = await svc.enqueue(waits, undefined, { delay: "1h" });
  await ended(one, bad);
  return { one, ids: { waiting, good, bad, waiting2 } };
}

test("runs are listed newest first, without other jobs and children, by one find", async () => {
  const { one, ids } = await played();
  one.wire.calls = [];
  const runs = await createWorkflows(one.svc).list();
  expect(one.wire.calls).toEqual(["jobs.find"]);
  expect(runs.map(({ id, workflow, state }) => [id, workflow, state])).toEqual([
    [ids.waiting2, "waits", "delayed"],
    [ids.bad, "ends", "canceled"],
    [ids.good, "ends", "done"],
    [ids.waiting, "waits", "delayed"],
  ]);
  expect(runs[1]).toMatchObject({ reason: "rejected", error: expect.stringContaining("no"), createdAt: NOW });
});

test("runs are listed by workflow, by state, and a page at a time", async () => {
  const { one, ids } = await played();
  const workflows = createWorkflows(one.svc);
  const listed = async (options: object) => (await workflows.list(options)).map(({ id }) => id);
  expect(await listed({ name: "ends" })).toEqual([ids.bad, ids.good]);
  expect(await listed({ state: "done" })).toEqual([ids.good]);
  expect(await listed({ live: true, name: "waits" })).toEqual([ids.waiting2, ids.waiting]);
  expect(await listed({ limit: 2 })).toEqual([ids.waiting2, ids.bad]);
  expect(await listed({ limit: 2, before: ids.bad })).toEqual([ids.good, ids.waiting]);
});

test("runs that a schedule enqueues are listed", async () => {
  const one = await rig();
  const schedules = createSchedules(one.svc);
  await schedules.set("nightly", every("1m"), { job: child });
  await schedules.start();
  await pass(one.clock, 60_000);
  await settled();
  expect(await createWorkflows(one.svc).list()).toMatchObject([{ workflow: "child" }]);
  await schedules.stop();
});

test("a query that means nothing is refused", async () => {
  const { svc } = await rig();
  const workflows = createWorkflows(svc);
  for (const bad of [{ state: "open" }, { live: false }, { limit: 0 }, { workflow: "x" }, { name: "" }, null]) {
    await expect(workflows.list(bad as never)).rejects.toSatisfy(
      (error) => error instanceof Error && /Type|Range/.test(error.name),
    );
  }
});
