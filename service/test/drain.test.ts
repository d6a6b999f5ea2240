import { ManualClock } from "@jobq/core";
import { createService } from "@jobq/service";
import { createBundles } from "@jobq/service/bundle";
import { createWorker, defineJob } from "@jobq/service/worker";
import { describe, expect, test } from "vitest";
import { OPEN } from "./cron/schedule-stores.ts";
import { NOW } from "./harness.ts";

describe.each(Object.keys(OPEN))("over %s, drain runs", (name) => {
  async function drained(enqueue: (svc: ReturnType<typeof createService>) => Promise<unknown>, count: number) {
    const { jobs, topics, fused, close } = await (OPEN[name] as (typeof OPEN)[string])(new ManualClock(NOW));
    const svc = createService({ jobs, topics, fused: fused !== undefined });
    await enqueue(svc);
    expect(await createWorker(svc, { jobs: [job] }).drain()).toBe(count);
    expect((await svc.tally()).filter(({ topic }) => topic === "job")).toEqual([
      { topic: "job", state: "done", count },
    ]);
    await svc.close();
    await close();
  }
  const job = defineJob("job", { run: (n: number) => n });

  test("what a limit holds back", async () => {
    const limit = { key: "key", concurrency: 2 };
    await drained(async (svc) => {
      for (let n = 0; n < 6; n++) await svc.enqueue(job, n, { limit });
    }, 6);
  });

  test("a chain of jobs that wait for one another", async () => {
    await drained(async (svc) => {
      let last = await svc.enqueue(job, 0);
      for (let n = 1; n < 6; n++) last = await svc.enqueue(job, n, { after: [last] });
    }, 6);
  });

  test("the job that a bundle calls back, and those in it", async () => {
    await drained(async (svc) => {
      const members = [0, 1, 2].map((payload) => ({ job, payload }));
      await createBundles(svc).enqueue("bundle", members, { onEnd: { topic: "job", payload: 3 } });
    }, 4);
  });
});
