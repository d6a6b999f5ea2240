import { JobqError } from "@jobq/core";
import { memoryTopics } from "@jobq/pq-memory";
import { describe, expect, test } from "vitest";
import { lockJobsOf, pass, type Rig, rig, settled, stored } from "./harness.ts";

const limit = { key: "tenant", concurrency: 1 };

async function reserved(one: Rig, topic = "topic") {
  await settled();
  return one.svc.reserve(topic, 10);
}

describe("a limit", () => {
  test("admits so many jobs of a key at once, the others in the order in which they run", async () => {
    const one = await rig();
    const two = { key: "tenant", concurrency: 2 };
    const ids: string[] = [];
    for (const weight of [0, 0, 0, -1]) ids.push(await one.svc.enqueue("topic", weight, { weight, limit: two }));
    const first = await reserved(one);
    expect(first.map(({ id }) => id)).toEqual([ids[0], ids[1]]);
    expect(await reserved(one)).toEqual([]);
    await first[0]?.done();
    const next = await reserved(one);
    expect(next.map(({ id }) => id)).toEqual([ids[3]]);
    await first[1]?.cancel();
    expect((await reserved(one)).map(({ id }) => id)).toEqual([ids[2]]);
  });

  test("is shared by the topics of a service, and does not touch other keys", async () => {
    const one = await rig();
    await one.svc.enqueue("a", 1, { limit });
    await one.svc.enqueue("b", 2, { limit });
    const other = await one.svc.enqueue("b", 3, { limit: { ...limit, key: "another" } });
    expect(await reserved(one, "a")).toHaveLength(1);
    expect((await reserved(one, "b")).map(({ id }) => id)).toEqual([other]);
  });

  test("keeps strict order: a job keeps its slot while it waits for its retry", async () => {
    const one = await rig();
    await one.svc.enqueue("topic", 1, { limit });
    const second = await one.svc.enqueue("topic", 2, { limit });
    const [job] = await reserved(one);
    await job?.retry({ delay: "1m" });
    expect(await reserved(one)).toEqual([]);
    one.clock.advance(60_000);
    const [again] = await reserved(one);
    expect(again?.id).toBe(job?.id);
    await again?.done();
    expect((await reserved(one)).map(({ id }) => id)).toEqual([second]);
  });

  test("gives no slot to a delayed job before it is due", async () => {
    const one = await rig();
    const late = await one.svc.enqueue("topic", 1, { limit, delay: "1h" });
    const soon = await one.svc.enqueue("topic", 2, { limit });
    const [job] = await reserved(one);
    expect(job?.id).toBe(soon);
    one.clock.advance(3_600_000);
    await settled();
    expect(await stored(one, late)).toMatchObject({ state: "delayed", runAt: undefined, slot: undefined });
    await job?.done();
    expect((await reserved(one)).map(({ id }) => id)).toEqual([late]);
  });

  test("frees the slot of a job that is removed or reset, and admits that one again in its turn", async () => {
    const one = await rig();
    const a = await one.svc.enqueue("topic", 1, { limit });
    const b = await one.svc.enqueue("topic", 2, { limit });
    await settled();
    await one.svc.cancel(a);
    await settled();
    expect((await stored(one, b)).state).toBe("ready");
    await one.svc.reset(a);
    await settled();
    expect((await stored(one, a)).state).toBe("delayed");
    await one.svc.remove(b);
    await settled();
    expect((await stored(one, a)).state).toBe("ready");
  });

  test("heals by looking after a death between a job's end and the next one's admission", async () => {
    const one = await rig();
    await one.svc.enqueue("topic", 1, { limit });
    const next = await one.svc.enqueue("topic", 2, { limit });
    const [job] = await reserved(one);
    await one.jobs.commit([{ now: one.clock.now(), apply: [{ type: "done", id: job?.id as string, token: 1 }] }]);
    const two = await rig({ jobs: one.jobs, topics: memoryTopics(), clock: one.clock });
    expect((await reserved(two)).map(({ id }) => id)).toEqual([next]);
  });

  test("is checked before anything is written", async () => {
    const one = await rig();
    for (const wrong of [{ key: "", concurrency: 1 }, { key: "k", concurrency: 0 }, { key: "k" }, "k", null]) {
      await expect(one.svc.enqueue("topic", 1, { limit: wrong as never })).rejects.toThrow(/limit/);
    }
    expect(await one.svc.find()).toEqual([]);
  });

  test("costs an end one read and a write, however many wait", async () => {
    const one = await rig();
    const two = { key: "tenant", concurrency: 2 };
    await one.svc.enqueueMany(
      Array.from({ length: 100 }, () => ({ topic: "topic", payload: 1, options: { limit: two } })),
    );
    const [job] = await reserved(one);
    one.wire.calls = [];
    await job?.done();
    await settled();
    const calls = one.wire.calls.filter((call) => call.startsWith("jobs."));
    expect(calls).toEqual(["jobs.commit", "jobs.slots", "jobs.commit"]);
  });

  test("costs ends of many keys one read and a write together", async () => {
    const one = await rig();
    const requests = Array.from({ length: 100 }, (_, index) => ({
      topic: "topic",
      payload: index,
      options: { limit: { key: `tenant ${index % 50}`, concurrency: 1 } },
    }));
    await one.svc.enqueueMany(requests);
    await settled();
    const jobs = await one.svc.reserve("topic", 100);
    expect(jobs).toHaveLength(50);
    one.wire.calls = [];
    await Promise.all(jobs.map((job) => job.done()));
    await settled();
    const calls = one.wire.calls.filter((call) => call.startsWith("jobs."));
    expect(calls).toEqual(["jobs.commit", "jobs.slots", "jobs.commit"]);
    expect(await one.svc.reserve("topic", 100)).toHaveLength(50);
  });

  test.each([1, 150])("whose next job is locked by somebody holds up none of %i others", async (others) => {
    const one = await rig();
    const request = (key: string, concurrency: number) => ({
      topic: key,
      payload: 1,
      options: { limit: { key, concurrency } },
    });
    lockJobsOf(one, "locked");
    const keys = Array.from({ length: others }, (_, index) => `tenant ${index}`);
    await one.svc.enqueueMany([
      request("locked", 1),
      ...keys.flatMap((key) => Array.from({ length: 6 }, () => request(key, 10))),
    ]);
    await settled();
    await settled();
    for (const key of keys) expect(await one.svc.reserve(key, 10)).toHaveLength(6);
    expect(await one.svc.reserve("locked", 10)).toEqual([]);
  });

  test("tells of one outage once, and of which key", async () => {
    const one = await rig();
    const error = new JobqError("STORE_FAILED", "no connection");
    one.wire.fail("jobs.slots", { times: 500, error });
    const requests = Array.from({ length: 250 }, (_, key) => ({
      topic: "topic",
      payload: 1,
      options: { limit: { key: `${key}`, concurrency: 1 } },
    }));
    await one.svc.enqueueMany(requests);
    await settled();
    expect(one.errors).toEqual(['giving out the slots of limit key "0", and 249 more like this: no connection']);
    one.wire.mend();
    await pass(one.clock, 10_000);
    expect(await one.svc.reserve("topic", 250)).toHaveLength(250);
  });
});
