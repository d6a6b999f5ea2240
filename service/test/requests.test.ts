import { ManualClock } from "@jobq/core";
import { memoryJobs } from "@jobq/job-memory";
import { memoryTopics } from "@jobq/pq-memory";
import { createService, type ServiceOptions } from "@jobq/service";
import { describe, expect, test } from "vitest";
import { isPending, NOW, settled, Wire } from "./harness.ts";
import { requestsOver } from "./requests.ts";

/** A service that requests share, in a runtime where their timers end with them. */
function open({ shared = false, ...options }: Partial<ServiceOptions> & { readonly shared?: boolean } = {}) {
  const manual = new ManualClock(NOW);
  const { clock, request } = requestsOver(manual);
  const wire = new Wire();
  const capabilities = { capabilities: { durable: false, shared } };
  const svc = createService({
    random: () => 0.5,
    ...options,
    jobs: wire.around("jobs", memoryJobs({ clock }), capabilities),
    topics: wire.around("topics", memoryTopics(), capabilities),
  });
  /** Passes time in steps, so that what rings can go on, until the promise settles; how long it took. */
  const timeOf = async (promise: Promise<unknown>, mostMs: number): Promise<number> => {
    const began = manual.now();
    while ((await isPending(promise)) && manual.now() - began < mostMs) {
      manual.advance(10);
      await settled();
    }
    return manual.now() - began;
  };
  /** Does it in a request that is over once it is done. */
  const within = async <T>(work: () => Promise<T>): Promise<T> => {
    const { answer, end } = request(work);
    const result = await answer;
    await settled();
    end();
    return result;
  };
  return { svc, wire, request, within, timeOf };
}

describe("a call that waits in a request of its own", () => {
  test("gets a job that falls due, whose timer another request had set and took with it", async () => {
    const { svc, request, within, timeOf } = open();
    await within(() => svc.enqueue("topic", 1, { delay: "1s" }));
    const { answer } = request(() => svc.reserve("topic", 1, { wait: "30s" }));
    expect(await timeOf(answer, 40_000)).toBeLessThanOrEqual(1100);
    expect(await answer).toHaveLength(1);
  });

  test("gets one that another request delayed while it already waited", async () => {
    const { svc, request, within, timeOf } = open();
    const { answer } = request(() => svc.reserve("topic", 1, { wait: "30s" }));
    await settled();
    await within(() => svc.enqueue("topic", 1, { delay: "3s" }));
    expect(await timeOf(answer, 40_000)).toBeLessThanOrEqual(4000);
    expect(await answer).toHaveLength(1);
  });

  test("gets one whose lease ends", async () => {
    const { svc, request, within, timeOf } = open();
    await svc.enqueue("topic", 1);
    await within(() => svc.reserve("topic", 1, { lease: "5s" }));
    const { answer } = request(() => svc.reserve("topic", 1, { wait: "30s" }));
    expect(await timeOf(answer, 40_000)).toBeLessThanOrEqual(5100);
    expect(await answer).toMatchObject([{ attempt: 1, token: 2 }]);
  });

  test("gives up in time, though the request whose round it joined is gone", async () => {
    const { svc, request, wire, timeOf } = open();
    const release = wire.hold("topics.pop");
    const first = request(() => svc.reserve("topic", 1, { wait: "1h" }));
    await settled();
    const { answer } = request(() => svc.reserve("topic", 1, { wait: "2s" }));
    await settled();
    first.end();
    release();
    expect(await timeOf(answer, 10_000)).toBe(2000);
    expect(await answer).toEqual([]);
  });

  test("looks for jobs of other processes on a shared store, though the request that polled is gone", async () => {
    const { svc, request, wire, timeOf } = open({ shared: true, pollInterval: "1s" });
    const { answer } = request(() => svc.reserve("topic", 1, { wait: "1m" }));
    await settled();
    const polling = request(() => svc.reserve("topic", 1, { wait: "1h" }));
    await settled();
    polling.end();
    wire.calls = [];
    expect(await timeOf(answer, 10_000)).toBe(10_000);
    expect(wire.count("topics.pop")).toBeGreaterThanOrEqual(9);
    expect(wire.count("topics.pop")).toBeLessThanOrEqual(12);
  });

  test("learns that its job ended by a lease that ended, where nobody reserves", async () => {
    const { svc, request, within, timeOf } = open();
    const id = await svc.enqueue("topic", 1, { maxLeaseLosses: 1 });
    await within(() => svc.reserve("topic", 1, { lease: "5s" }));
    const { answer } = request(() => svc.result(id, { timeout: "1m" }));
    expect(await timeOf(answer, 60_000)).toBeLessThanOrEqual(6000);
    expect(await answer).toMatchObject({ state: "canceled", reason: "poison" });
  });
});
