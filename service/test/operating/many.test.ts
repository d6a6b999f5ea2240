import { createBundles } from "@jobq/service/bundle";
import { createSchedules, every } from "@jobq/service/cron";
import { describe, expect, test } from "vitest";
import { heldJob, NOW, type Rig, rig, settled } from "../harness.ts";

async function canceled({ svc }: Rig, topic: string, count: number): Promise<void> {
  for (let n = 0; n < count; n++) await svc.cancel(await svc.enqueue(topic, n));
}

describe("resetMany", () => {
  test("makes the ended jobs that match ready again, and only counts them where it is a dry run", async () => {
    const one = await rig();
    await canceled(one, "topic", 3);
    await canceled(one, "other", 1);
    const query = { state: "canceled", topic: "topic" } as const;
    expect(await one.svc.resetMany(query, { dryRun: true })).toBe(3);
    expect(await one.svc.find({ state: "ready" })).toEqual([]);
    expect(await one.svc.resetMany(query)).toBe(3);
    expect(await one.svc.find({ state: "ready", topic: "topic" })).toHaveLength(3);
    expect(await one.svc.resetMany(query)).toBe(0);
    expect(await one.svc.find({ state: "canceled" })).toHaveLength(1);
  });

  test("counts no job whose unique key another holds by now", async () => {
    const one = await rig();
    await one.svc.cancel(await one.svc.enqueue("topic", 1, { unique: "key" }));
    await one.svc.enqueue("topic", 1, { unique: "key" });
    expect(await one.svc.resetMany({ state: "canceled" })).toBe(0);
  });

  test("takes more than a page, and has bundles wait for their members", async () => {
    const one = await rig();
    const requests = Array.from({ length: 2300 }, (_, payload) => ({ topic: "topic", payload }));
    const { id } = await createBundles(one.svc).enqueue("all", requests, { onEnd: { topic: "end" } });
    expect(await one.svc.cancelMany({ group: id })).toBe(2300);
    await settled();
    for (const job of await one.svc.reserve("end")) await job.done();
    expect(await one.svc.resetMany({ state: "canceled", reason: "canceled" })).toBe(2300);
    expect(await one.svc.resetMany({ state: "done", topic: "end" })).toBe(1);
    await settled();
    expect((await one.svc.status(id))?.state).toBe("delayed");
  });
});

describe("resetMany of jobs with copies on a dead-letter topic", () => {
  /** A job that has failed, and its copy, which has failed too. */
  async function failedTwice({ svc }: Rig, topic: string): Promise<{ id: string; copy: string }> {
    const id = await svc.enqueue(topic, 1, { maxRetries: 0, onExhausted: { topic: "dead" } });
    for (const job of await svc.reserve(topic)) await job.retry();
    await settled();
    const [copy] = await svc.reserve("dead");
    await copy?.retry();
    return { id, copy: copy?.id ?? "" };
  }
  const query = { state: "canceled", reason: "exhausted" } as const;

  test("leaves the copies alone, unless it names their topic", async () => {
    const one = await rig();
    const { id, copy } = await failedTwice(one, "topic");
    expect(await one.svc.resetMany(query, { dryRun: true })).toBe(1);
    expect(await one.svc.resetMany(query)).toBe(1);
    expect((await one.svc.find({ state: "ready" })).map((job) => job.id)).toEqual([id]);
    expect(await one.svc.resetMany(query)).toBe(0); // the job is there, whatever has become of it
    expect(await one.svc.resetMany({ ...query, topic: "dead" })).toBe(1);
    expect((await one.svc.find({ state: "ready" })).map((job) => job.id)).toEqual([id, copy]);
  });

  test("resets a copy whose job is gone, and what says itself that it comes from a job", async () => {
    const one = await rig();
    const { id, copy } = await failedTwice(one, "topic");
    const { id: other } = await failedTwice(one, "other");
    const caused = await one.svc.enqueue("caused", 1, { origin: other });
    await one.svc.cancel(caused);
    const told = await one.svc.enqueue("told", 1, { origin: "the till in the shop" });
    await one.svc.cancel(told);
    await one.svc.remove(id);
    expect(await one.svc.resetMany({ state: "canceled" })).toBe(4);
    expect((await one.svc.find({ state: "ready" })).map((job) => job.id)).toEqual([copy, other, caused, told].sort());
  });
});

describe("resetMany of a bundle and its members", () => {
  test("resets the members first, however many jobs come before them", async () => {
    const one = await rig({ defaults: { maxRetries: 0 } });
    const { svc } = one;
    await canceled(one, "topic", 999);
    const requests = [1, 2].map((payload) => ({ topic: "member", payload }));
    const { id } = await createBundles(svc).enqueue("all", requests, { onEnd: { topic: "end" } });
    for (const job of await svc.reserve("member", 2)) await job.retry();
    await settled();
    for (const job of await svc.reserve("end")) await job.retry();
    expect(await svc.resetMany({ state: "canceled" })).toBe(1002);
    await settled();
    expect((await svc.status(id))?.state).toBe("delayed");
  });
});

describe("cancelMany", () => {
  test("ends the live jobs that match, those in hands too, and only counts them where it is a dry run", async () => {
    const one = await rig();
    const held = await heldJob(one);
    await one.svc.enqueue("topic", 1, { delay: "1h", tags: { of: "ada" } });
    expect(await one.svc.cancelMany({ topic: "topic" }, { dryRun: true })).toBe(2);
    expect(held.signal.aborted).toBe(false);
    expect(await one.svc.cancelMany({ tags: { of: "ada" } }, { reason: "left" })).toBe(1);
    expect((await one.svc.find({ state: "canceled" }))[0]).toMatchObject({ error: "left", reason: "canceled" });
    expect(await one.svc.cancelMany({ state: "reserved", topic: "topic" })).toBe(1);
    expect(held.signal.aborted).toBe(true);
  });

  test("leaves alone what is enqueued because of it", async () => {
    const one = await rig();
    one.svc.on("canceled", () => void one.svc.enqueue("topic", 1));
    for (let n = 0; n < 1000; n++) await one.svc.enqueue("topic", n);
    expect(await one.svc.cancelMany({ topic: "topic" })).toBe(1000);
    expect((await one.svc.find({ topic: "topic", live: true, limit: 2000 })).length).toBe(1000);
  });
});

describe("calls by query", () => {
  const daily = every("1d");

  test("pass over what modules keep of their own, such as schedules, unless they name its topic", async () => {
    const one = await rig();
    const { svc } = one;
    const schedules = createSchedules(svc);
    const live = ["a", "b"];
    for (const name of live) await schedules.set(name, daily, { topic: "topic" });
    await schedules.set("over", daily, { topic: "topic", until: NOW });
    await schedules.set("canceled", daily, { topic: "topic" });
    for (const { id } of await svc.find({ name: "canceled" })) await svc.cancel(id);
    await svc.enqueue("topic", 1, { delay: "1h" });
    const { dryRun } = { dryRun: true };
    expect(await svc.cancelMany({ state: "delayed" }, { dryRun })).toBe(1);
    expect(await svc.cancelMany({ state: "delayed" })).toBe(1);
    expect(await svc.resetMany({ state: "canceled" }, { dryRun })).toBe(1);
    expect(await svc.purge({ state: "canceled", dryRun })).toBe(1);
    expect(await svc.purge({ state: "canceled" }, { dryRun })).toBe(1);
    expect(await svc.purge({ state: "canceled" })).toBe(1);
    expect(await svc.resetMany({ state: "done" })).toBe(0);
    expect(await svc.purge({ state: "done" })).toBe(0);
    expect((await schedules.list()).map(({ name, nextAt }) => [name, nextAt !== undefined])).toEqual([
      ...[
        ["a", true],
        ["b", true],
        ["canceled", false],
        ["over", false],
      ],
    ]);
    const topic = "jobq:schedules";
    expect(await svc.cancelMany({ topic })).toBe(2);
    expect(await svc.resetMany({ topic, state: "canceled" }, { dryRun })).toBe(3);
    expect(await svc.purge({ topic, state: "done" })).toBe(1);
    expect(await svc.purge({ topic, state: "canceled" })).toBe(3);
    expect(await schedules.list()).toEqual([]);
  });

  test("act on the work that modules enqueue: bundles without an end, and jobs of schedules with a handler", async () => {
    const { svc } = await rig();
    await createBundles(svc).open("images");
    const schedules = createSchedules(svc);
    await schedules.set("mail", daily, { run: () => {} });
    await schedules.trigger("mail");
    expect(await svc.cancelMany({ state: "ready" })).toBe(1);
    expect(await svc.cancelMany({ state: "delayed" })).toBe(1);
  });
});

describe("wrong arguments of calls on many", () => {
  test.each<[string, (one: Rig) => Promise<unknown>]>([
    ["a query that names nothing", ({ svc }) => svc.cancelMany({})],
    ["a query that is none", ({ svc }) => svc.resetMany(undefined as never)],
    ["a reset of what is live", ({ svc }) => svc.resetMany({ state: "ready" as never })],
    ["a reset without a state", ({ svc }) => svc.resetMany({ topic: "topic" } as never)],
    ["a cancel of what has ended", ({ svc }) => svc.cancelMany({ state: "done" as never })],
    ["an unknown condition", ({ svc }) => svc.cancelMany({ topics: "topic" } as never)],
    ["a limit", ({ svc }) => svc.resetMany({ state: "done", limit: 1 } as never)],
    ["an unknown option", ({ svc }) => svc.resetMany({ state: "done" }, { dry: true } as never)],
    ["a dry run that is no boolean", ({ svc }) => svc.cancelMany({ topic: "topic" }, { dryRun: "yes" as never })],
    ["a reason that is no text", ({ svc }) => svc.cancelMany({ topic: "topic" }, { reason: 1 as never })],
  ])("%s: refused before anything is changed", async (_, call) => {
    const one = await rig();
    await one.svc.enqueue("topic", 1);
    await expect(call(one)).rejects.toSatisfy((error) => error instanceof TypeError || error instanceof RangeError);
    expect(await one.svc.find({ state: "ready" })).toHaveLength(1);
  });
});

describe("cancelMany of bundles and their members", () => {
  test("counts what a dry run counts, though a bundle that is canceled takes its members with it", async () => {
    const one = await rig();
    const requests = Array.from({ length: 2300 }, (_, payload) => ({ topic: "topic", payload }));
    const { id } = await createBundles(one.svc).enqueue("all", requests, { onEnd: { topic: "topic" } });
    const query = { topic: "topic" };
    expect(await one.svc.cancelMany(query, { dryRun: true })).toBe(2301);
    expect(await one.svc.cancelMany(query)).toBe(2301);
    expect(await one.svc.find({ ...query, live: true })).toEqual([]);
    expect((await one.svc.status(id))?.reason).toBe("canceled");
  });
});
