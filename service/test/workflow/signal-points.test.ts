import { ManualClock } from "@jobq/core";
import { memoryJobs } from "@jobq/job-memory";
import { memoryTopics } from "@jobq/pq-memory";
import { createService } from "@jobq/service";
import { defineJob } from "@jobq/service/worker";
import { createWorkflows, defineWorkflow } from "@jobq/service/workflow";
import { expect, test } from "vitest";
import { NOW, rig, settled } from "../harness.ts";
import { ended, working } from "./playing.ts";

/** Calls `at` before each call to the repository. */
function watched<Port extends object>(port: Port, at: () => Promise<void>): Port {
  return new Proxy(port, {
    get: (target, key) => {
      const member: unknown = Reflect.get(target, key, target);
      if (typeof member !== "function" || key === "onPush" || key === "onChange") return member;
      return async (...given: unknown[]) => {
        await at();
        return member.apply(target, given);
      };
    },
  });
}

/**
 * A run that could get one signal at two places, while another process sends it when this one comes to the place `sendAt`:
 * a call to the stores, or a point in the code. Places are counted until the first wait is over.
 */
async function history(sendAt?: number) {
  const clock = new ManualClock(NOW);
  const jobs = memoryJobs({ clock });
  const topics = Object.assign(memoryTopics(), { fuse: undefined });
  const other = createService({ jobs, topics });
  const states = new Set<string>();
  let [id, places, isCounting] = ["", 0, true];
  const place = async (): Promise<void> => {
    if (id === "" || !isCounting || places++ !== sendAt) return;
    states.add((await other.status(id))?.state ?? "gone");
    await createWorkflows(other).signal(id, "go", "value");
  };
  const one = await rig({ clock, shared: true, jobs: watched(jobs, place), topics: watched(topics, place) });
  const child = defineJob("child", { run: place });
  const flow = defineWorkflow("flow", async (ctx) => {
    await place();
    await ctx.step("a", place);
    await place();
    await ctx.sleep("1m");
    await ctx.fanOut(child, [1]);
    const first = await ctx.waitFor("go", { timeout: "2m" });
    isCounting = false;
    const [second] = await ctx.parallel([
      (left) => left.waitFor("go", { timeout: "1m" }),
      (right) => right.sleep("5m"),
    ]);
    return [first, second].filter((value) => value === "value");
  });
  await working(one, flow, child);
  id = await other.enqueue(flow, undefined);
  const ending = await ended(one, id);
  await settled();
  const kept = await jobs.notes(id, "signal");
  await other.close({ deadline: 0 });
  return { ending, kept, places, state: [...states][0], errors: one.errors };
}

test("a signal that comes at any call to the stores, or any point of the code, reaches the run exactly once", async () => {
  const { places, ending } = await history();
  expect(ending).toEqual({ state: "done", result: [] });
  expect(places).toBeGreaterThan(40);
  const states = new Set<string | undefined>();
  for (let sendAt = 0; sendAt < places; sendAt++) {
    const { ending, kept, state, errors } = await history(sendAt);
    states.add(state);
    expect([sendAt, ending, kept, errors]).toEqual([sendAt, { state: "done", result: ["value"] }, [], []]);
  }
  expect([...states].sort()).toEqual(["delayed", "ready", "reserved"]);
});
