import { collectStats } from "@jobq/service/stats";
import { describe, expect, test } from "vitest";
import { expectCode, expectEntriesInLine, heldJob, NOW, pass, reserveOne, rig, settled, stored } from "./harness.ts";

describe("reading", () => {
  test("a job that is not there is undefined", async () => {
    const { svc } = await rig();
    expect([await svc.get("none"), await svc.status("none"), await svc.logs("none")]).toEqual([
      undefined,
      undefined,
      [],
    ]);
  });

  test("a job comes with its payload decoded, its status and its place in a list without", async () => {
    const { svc } = await rig();
    const id = await svc.enqueue("topic", { a: 1 });
    expect(await svc.get(id)).toMatchObject({ id, payload: { a: 1 }, state: "ready" });
    expect(Object.entries((await svc.status(id)) ?? {}).filter(([key, value]) => key === "payload" && value)).toEqual(
      [],
    );
    expect((await svc.find())[0]).toMatchObject({ id, state: "ready" });
    expect((await svc.find())[0]).not.toHaveProperty("payload", expect.anything());
  });

  test("jobs are found by what is asked for, oldest first, in pages", async () => {
    const one = await rig();
    const ids: string[] = [];
    for (let at = 0; at < 6; at++)
      ids.push(
        await one.svc.enqueue(at % 2 ? "odd" : "even", at, { name: `n${at % 3}`, tags: { half: at < 3 ? "a" : "b" } }),
      );
    const found = async (options: object) => (await one.svc.find(options)).map(({ id }) => ids.indexOf(id));
    expect(await found({})).toEqual([0, 1, 2, 3, 4, 5]);
    expect(await found({ topic: "odd", tags: { half: "b" } })).toEqual([3, 5]);
    expect(await found({ name: "n1" })).toEqual([1, 4]);
    expect(await found({ after: ids[1], limit: 2 })).toEqual([2, 3]);
    expect(await found({ state: "done" })).toEqual([]);
  });

  test("jobs are counted per topic and state, and topics say what waits on them", async () => {
    const { svc } = await rig();
    await svc.enqueue("a", 1);
    await svc.enqueue("a", 1, { delay: "1h" });
    await svc.enqueue("b", 1);
    await (await svc.reserve("b"))[0]?.done();
    await svc.pause("c");
    const tally = (await svc.tally()).map(({ topic, state, count }) => `${topic} ${state} ${count}`);
    expect(tally.sort()).toEqual(["a delayed 1", "a ready 1", "b done 1"]);
    expect((await svc.topics()).sort((x, y) => (x.topic < y.topic ? -1 : 1))).toEqual([
      { topic: "a", ready: 1, delayed: 1, paused: false },
      { topic: "c", ready: 0, delayed: 0, paused: true },
    ]);
    await svc.resume("c");
    expect(await svc.topics()).toHaveLength(1);
  });
});

describe("changing from outside", () => {
  test("cancel ends a job that is ready, delayed or held, with the reason", async () => {
    const one = await rig();
    const held = await heldJob(one);
    const ids = [held.id, await one.svc.enqueue("topic", 1), await one.svc.enqueue("topic", 1, { delay: "1h" })];
    for (const id of ids) {
      await one.svc.cancel(id, "not needed");
      expect(await stored(one, id)).toMatchObject({
        state: "canceled",
        reason: "canceled",
        error: "not needed",
        finishedAt: NOW,
      });
      await expectCode(one.svc.cancel(id), "INVALID_STATE");
    }
    await expectEntriesInLine(one);
    await expectCode(one.svc.cancel("none"), "JOB_NOT_FOUND");
  });

  test("cancel loses to the holder who was done first, and wins otherwise", async () => {
    const one = await rig();
    const first = await heldJob(one);
    const done = first.done();
    await expectCode(one.svc.cancel(first.id), "INVALID_STATE");
    await done;
    const second = await heldJob(one);
    const canceled = one.svc.cancel(second.id);
    await settled();
    await expectCode(second.done(), "LEASE_LOST");
    await canceled;
  });

  test("reset makes a job that has ended ready again, with all its attempts, and no other", async () => {
    const one = await rig();
    const job = await heldJob(one, 1, { maxRetries: 0 });
    await expectCode(one.svc.reset(job.id), "INVALID_STATE");
    await job.retry({ error: "no" });
    await one.svc.reset(job.id);
    expect(await reserveOne(one.svc)).toMatchObject({ id: job.id, attempt: 1, token: 2 });
    expect(await stored(one, job.id)).toMatchObject({ resetCount: 1, error: undefined });
    await expectCode(one.svc.reset("none"), "JOB_NOT_FOUND");
  });

  test("reset is refused while another job holds the unique key, and names it", async () => {
    const one = await rig();
    const old = await one.svc.enqueue("topic", 1, { unique: "k" });
    await one.svc.cancel(old);
    const holder = await one.svc.enqueue("topic", 1, { unique: "k" });
    await expect(one.svc.reset(old)).rejects.toMatchObject({ code: "DUPLICATE_JOB", details: { id: old, holder } });
  });

  test("remove forgets a job with its notes, whatever its state", async () => {
    const one = await rig();
    const job = await heldJob(one);
    await job.log("line");
    const ids = [job.id, await one.svc.enqueue("topic", 1), await one.svc.enqueue("topic", 1, { delay: "1h" })];
    for (const id of ids) {
      await one.svc.remove(id);
      expect([await one.svc.get(id), await one.svc.logs(id)]).toEqual([undefined, []]);
      await expectCode(one.svc.remove(id), "JOB_NOT_FOUND");
    }
    await expectEntriesInLine(one);
    expect(job.signal.aborted).toBe(true);
  });

  test("a job that is reset while it is being purged stays", async () => {
    const one = await rig();
    const job = await heldJob(one);
    await job.done();
    const release = one.wire.hold("jobs.commit");
    const purged = one.svc.purge({ state: "done" });
    await settled();
    await one.jobs.commit([{ now: NOW, apply: [{ type: "reset", id: job.id }] }]);
    release();
    expect(await purged).toBe(0);
    expect((await stored(one, job.id)).state).toBe("ready");
  });

  test("purge forgets what ended long enough ago, in batches, and leaves the rest", async () => {
    const one = await rig();
    const run = async (count: number): Promise<void> => {
      await one.svc.enqueueMany(Array.from({ length: count }, () => ({ topic: "topic", payload: 1 })));
      await Promise.all((await one.svc.reserve("topic", count)).map((job) => job.done()));
    };
    await run(2500);
    await pass(one.clock, 86_400_000);
    await run(3);
    await one.svc.cancel(await one.svc.enqueue("topic", 1));
    await one.svc.enqueue("topic", 1);
    expect(await one.svc.purge({ state: "done", topic: "other" })).toBe(0);
    expect(await one.svc.purge({ state: "done", olderThan: "1d" })).toBe(2500);
    expect(await one.svc.purge({ state: "done" })).toBe(3);
    expect(await one.svc.purge({ state: "canceled", reason: "poison" })).toBe(0);
    expect(await one.svc.purge({ state: "canceled", reason: "canceled" })).toBe(1);
    expect(await one.svc.tally()).toEqual([{ topic: "topic", state: "ready", count: 1 }]);
  });
});

describe("writing in batches", () => {
  test("ten thousand enqueues at once take ten commits", async () => {
    const one = await rig();
    await Promise.all(Array.from({ length: 10_000 }, (_, at) => one.svc.enqueue("topic", at)));
    expect(one.wire.count("jobs.commit")).toBe(10);
  });

  test("one refused unit does not harm its neighbours", async () => {
    const one = await rig();
    const jobs = [await heldJob(one), await heldJob(one), await heldJob(one)];
    await one.jobs.commit([{ now: NOW, remove: [jobs[1]?.id as string] }]);
    const outcomes = await Promise.allSettled(jobs.map((job) => job.done()));
    expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  });
});

test("stats tell first and last push and pop of each topic, and totals", async () => {
  const one = await rig();
  const stats = collectStats(one.svc);
  await one.svc.enqueue("topic", 1);
  await pass(one.clock, 10);
  await one.svc.enqueueMany([
    { topic: "topic", payload: 1 },
    { topic: "idle", payload: 1 },
  ]);
  await one.svc.reserve("topic");
  await pass(one.clock, 10);
  await (await reserveOne(one.svc)).release();
  await reserveOne(one.svc);
  const [topic, idle] = stats();
  expect(topic).toEqual({
    topic: "topic",
    pushed: 2,
    popped: 3,
    firstPushAt: NOW,
    lastPushAt: NOW + 10,
    firstPopAt: NOW + 10,
    lastPopAt: NOW + 20,
  });
  expect(idle).toEqual({ topic: "idle", pushed: 1, popped: 0, firstPushAt: NOW + 10, lastPushAt: NOW + 10 });
});
