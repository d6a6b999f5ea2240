import { memoryJobs } from "@jobq/job-memory";
import { memoryTopics } from "@jobq/pq-memory";
import { createService } from "@jobq/service";
import { NoRetry, RetryAfter } from "@jobq/service/retry";
import { createWorker, defineJob } from "@jobq/service/worker";
import { expect, test, vi } from "vitest";

async function anotherCopy() {
  vi.resetModules();
  return await import("@jobq/service/retry");
}

test("errors of another copy of the package mean the same", async () => {
  const other = await anotherCopy();
  expect(other.NoRetry).not.toBe(NoRetry);
  expect([new other.NoRetry() instanceof NoRetry, new other.RetryAfter("1s") instanceof RetryAfter]).toEqual([
    true,
    true,
  ]);
  expect([new other.RetryAfter("1s") instanceof NoRetry, new Error("a") instanceof NoRetry]).toEqual([false, false]);

  const svc = createService({ jobs: memoryJobs(), topics: memoryTopics() });
  const hopeless = defineJob("hopeless", {
    run: () => {
      throw new other.NoRetry("no such address");
    },
  });
  const worker = createWorker(svc, { jobs: [hopeless] });
  const id = await svc.enqueue(hopeless, undefined);
  await worker.drain();
  expect(await svc.status(id)).toMatchObject({ state: "canceled", reason: "rejected" });
  await svc.close();
});

test("a subclass is only itself", () => {
  class Gone extends NoRetry {}
  expect([new Gone() instanceof Gone, new Gone() instanceof NoRetry, new NoRetry() instanceof Gone]).toEqual([
    true,
    true,
    false,
  ]);
});
