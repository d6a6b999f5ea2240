import { memoryTopics } from "@jobq/pq-memory";
import { describe, expect, test } from "vitest";
import { expectCode, lockJobsOf, pass, type Rig, reserveOne, rig, settled, stored } from "./harness.ts";

const states = async (one: Rig, ids: readonly string[]): Promise<(string | undefined)[]> => {
  await settled();
  return Promise.all(ids.map(async (id) => (await one.svc.status(id))?.state));
};

/** What a job says that was canceled since another was. */
const errorBy = (id: string): string => `job ${id}, which it waited for, was canceled or removed`;

async function finish(one: Rig, id: string, how: "done" | "cancel" = "done"): Promise<void> {
  const job = await reserveOne(one.svc);
  expect(job.id).toBe(id);
  await job[how]();
}

describe("a job with after", () => {
  test("is told of an end that was stored though the call failed", async () => {
    const one = await rig();
    const a = await one.svc.enqueue("topic", "a");
    const b = await one.svc.enqueue("topic", "b", { after: { jobs: [a], onCanceled: "run" } });
    one.wire.fail("jobs.commit", { late: true });
    await expect(one.svc.cancel(a)).rejects.toThrow();
    expect(await states(one, [a, b])).toEqual(["canceled", "delayed"]);
    await pass(one.clock, 10_000);
    expect(await states(one, [b])).toEqual(["ready"]);
  });

  test("is told of a removal also when it begins to wait while that is under way", async () => {
    const one = await rig();
    const a = await one.svc.enqueue("topic", "a");
    const read = one.wire.hold("jobs.get");
    const removed = one.svc.remove(a);
    const b = one.svc.enqueue("topic", "b", { after: [a] });
    read();
    await Promise.all([removed, b]);
    expect(await states(one, [a, await b])).toEqual([undefined, "canceled"]);
  });

  test("that somebody has locked holds up no other for long, and goes on when it is free", async () => {
    const one = await rig();
    const { svc, clock, errors } = one;
    const first = [await svc.enqueue("first", 1), await svc.enqueue("first", 2), await svc.enqueue("first", 3)];
    await svc.enqueue("locked", 1, { after: first.slice(0, 1) });
    await svc.enqueue("second", 1, { after: first.slice(1, 2) });
    await svc.enqueue("second", 2, { after: first.slice(2) });
    const unlock = lockJobsOf(one, "locked");
    const [a, b, c] = await svc.reserve("first", 3);
    await a?.done();
    await settled();
    await b?.done(); // while the end of the first is told
    await settled();
    await pass(clock, 100);
    await settled();
    expect(await svc.reserve("second", 9)).toHaveLength(1);
    await c?.done();
    for (let times = 0; times < 3; times++) await pass(clock, 100);
    expect(await svc.reserve("second", 9)).toHaveLength(1);
    expect(await svc.reserve("locked", 9)).toEqual([]);
    unlock();
    await pass(clock, 1000);
    await settled();
    expect(await svc.reserve("locked", 9)).toHaveLength(1);
    expect(errors).toEqual([]);
  });

  test("runs once all of them have ended, and not before", async () => {
    const one = await rig();
    const a = await one.svc.enqueue("topic", "a");
    const b = await one.svc.enqueue("topic", "b");
    const c = await one.svc.enqueue("topic", "c", { after: [a, b] });
    expect(await stored(one, c)).toMatchObject({ state: "delayed", blockers: [a, b] });
    await finish(one, a);
    expect(await states(one, [c])).toEqual(["delayed"]);
    await finish(one, b);
    expect(await states(one, [c])).toEqual(["ready"]);
    expect((await stored(one, a)).links).toBeUndefined();
    expect(await one.jobs.notes(a)).toEqual([]);
  });

  test("runs once any of them is done, and is canceled when all are canceled", async () => {
    const one = await rig();
    const [a, b] = [await one.svc.enqueue("topic", "a"), await one.svc.enqueue("topic", "b")];
    const any = { jobs: [a, b], need: "any" } as const;
    const c = await one.svc.enqueue("other", "c", { after: any });
    const d = await one.svc.enqueue("other", "d", { after: { ...any, onCanceled: "run" } });
    await finish(one, a, "cancel");
    expect(await states(one, [c, d])).toEqual(["delayed", "ready"]);
    await finish(one, b, "cancel");
    expect(await states(one, [c])).toEqual(["canceled"]);
    expect(await stored(one, c)).toMatchObject({ reason: "dependency", error: errorBy(b) });
  });

  test("is canceled as dependency with the first that is canceled, and its own dependents after it", async () => {
    const one = await rig();
    const [a, b] = [await one.svc.enqueue("topic", "a"), await one.svc.enqueue("topic", "b")];
    const c = await one.svc.enqueue("topic", "c", { after: [a, b] });
    const d = await one.svc.enqueue("topic", "d", { after: [c] });
    const e = await one.svc.enqueue("topic", "e", { after: { jobs: [c], onCanceled: "run" } });
    await one.svc.cancel(b);
    expect(await states(one, [a, c, d, e])).toEqual(["ready", "canceled", "canceled", "ready"]);
    await finish(one, a);
    expect(await states(one, [c])).toEqual(["canceled"]);
  });

  test("of jobs that have ended already is ready, or canceled, from the start", async () => {
    const one = await rig();
    const a = await one.svc.enqueue("topic", "a");
    await finish(one, a);
    const b = await one.svc.enqueue("topic", "b");
    await one.svc.cancel(b);
    const c = await one.svc.enqueue("other", "c", { after: [a] });
    const d = await one.svc.enqueue("other", "d", { after: [a, b] });
    const e = await one.svc.enqueue("other", "e", { after: { jobs: [b], onCanceled: "run" } });
    expect(await states(one, [c, d, e])).toEqual(["ready", "canceled", "ready"]);
    const canceled = { state: "canceled", reason: "dependency", finishedAt: one.clock.now(), error: errorBy(b) };
    expect(await stored(one, d)).toMatchObject(canceled);
  });

  test("may name jobs of the same call by their place, in any order, but not in a circle", async () => {
    const one = await rig();
    const receipts = await one.svc.enqueueMany([
      { topic: "topic", payload: 0, options: { after: [1, 2] } },
      { topic: "topic", payload: 1, options: { after: [2] } },
      { topic: "topic", payload: 2 },
    ]);
    const ids = receipts.map(({ id }) => id);
    expect(await states(one, ids)).toEqual(["delayed", "delayed", "ready"]);
    await finish(one, ids[2] as string);
    expect(await states(one, ids)).toEqual(["delayed", "ready", "done"]);
    await finish(one, ids[1] as string);
    expect(await states(one, ids)).toEqual(["ready", "done", "done"]);
    const circle = [0, 1].map((n) => ({ topic: "topic", payload: n, options: { after: [1 - n] } }));
    await expect(one.svc.enqueueMany(circle)).rejects.toThrow(TypeError);
    expect(await one.svc.find()).toHaveLength(3);
  });

  test("of a job of the same call that is left out waits for the one that holds its key", async () => {
    const one = await rig();
    const holder = await one.svc.enqueue("topic", "holder", { unique: "key" });
    const [left, waiting] = await one.svc.enqueueMany([
      { topic: "topic", payload: 0, options: { unique: "key" } },
      { topic: "topic", payload: 1, options: { after: [0] } },
    ]);
    expect(left).toEqual({ id: holder, duplicate: true });
    expect(await stored(one, waiting?.id as string)).toMatchObject({ blockers: [holder] });
  });

  test("of no jobs is ready from the start, unless it needs any of them", async () => {
    const { svc } = await rig();
    const ids = await Promise.all([[], { jobs: [] }].map((after) => svc.enqueue("topic", 1, { after })));
    expect((await svc.reserve("topic", 9)).map(({ id }) => id)).toEqual(ids);
    await expect(svc.enqueue("topic", 1, { after: { jobs: [], need: "any" } })).rejects.toThrow(RangeError);
  });

  test("of an unknown job is refused, and nothing is stored", async () => {
    const one = await rig();
    const a = await one.svc.enqueue("topic", "a");
    await expectCode(one.svc.enqueue("topic", "b", { after: [a, "nobody"] }), "JOB_NOT_FOUND");
    expect(await one.svc.find()).toHaveLength(1);
    expect((await stored(one, a)).links).toBeUndefined();
  });

  test("is told before a job that it waits for is removed", async () => {
    const one = await rig();
    const a = await one.svc.enqueue("topic", "a");
    const b = await one.svc.enqueue("topic", "b", { after: [a] });
    const c = await one.svc.enqueue("topic", "c", { after: { jobs: [a], onCanceled: "run" } });
    await one.svc.remove(a);
    expect(await states(one, [a, b, c])).toEqual([undefined, "canceled", "ready"]);
  });

  test("checks its options before anything is written", async () => {
    const one = await rig();
    for (const after of [
      [1],
      "x",
      null,
      { jobs: "x" },
      { jobs: ["a"], need: "most" },
      { jobs: ["a"], onCanceled: "x" },
    ]) {
      const enqueued = one.svc.enqueue("topic", 1, { after: after as never });
      await expect(enqueued).rejects.toThrow(/after/);
    }
    expect(await one.svc.find()).toEqual([]);
  });
});

describe("after a death, recovery", () => {
  test.each([
    ["the end was stored, but nobody told", "jobs.notes"],
    ["those that wait were told, but that was not noted", "jobs.commit"],
  ])("goes on where %s", async (_, method) => {
    const one = await rig();
    const a = await one.svc.enqueue("topic", "a");
    const b = await one.svc.enqueue("topic", "b", { after: [a] });
    const job = await reserveOne(one.svc);
    await one.jobs.commit([{ now: one.clock.now(), apply: [{ type: "done", id: a, token: job.token }] }]);
    if (method === "jobs.commit") {
      await one.jobs.commit([{ now: one.clock.now(), apply: [{ type: "unblock", id: b, by: a }] }]);
    }
    const two = await rig({ jobs: one.jobs, topics: memoryTopics(), clock: one.clock });
    expect(await states(two, [b])).toEqual(["ready"]);
    expect((await stored(two, a)).links).toBeUndefined();
  });

  test("is asked for when telling fails", async () => {
    const one = await rig();
    const a = await one.svc.enqueue("topic", "a");
    const b = await one.svc.enqueue("topic", "b", { after: [a] });
    one.wire.fail("jobs.notes");
    await finish(one, a);
    expect(await states(one, [b])).toEqual(["delayed"]);
    expect(one.errors).toEqual([`telling those that wait for job ${a}: disk`]);
    one.clock.advance(10_000);
    await settled();
    expect(await states(one, [b])).toEqual(["ready"]);
  });
});
