import { ManualClock } from "@jobq/core";
import { memoryJobs } from "@jobq/job-memory";
import { memoryTopics } from "@jobq/pq-memory";
import { createService, type JobService } from "@jobq/service";
import { contextOf } from "@jobq/service/module";
import { describe, expect, test } from "vitest";
import { expectCode, NOW, pass, reserveOne, settled } from "./harness.ts";

interface Kept {
  readonly clock: ManualClock;
  readonly svc: JobService;
}

describe.each(["direct", "batched"] as const)("a reservation that is kept elsewhere, where writes are %s,", (store) => {
  function make(): Kept {
    const clock = new ManualClock(NOW);
    const topics = memoryTopics();
    if (store === "batched") Object.assign(topics, { fuse: undefined });
    return { clock, svc: createService({ jobs: memoryJobs({ clock }), topics, random: () => 0.5 }) };
  }

  async function away(one: Kept, options = {}): Promise<{ readonly id: string; readonly token: number }> {
    await one.svc.enqueue("topic", { n: 1 }, options);
    const job = await reserveOne(one.svc);
    contextOf(one.svc).letGo(job);
    return { id: job.id, token: job.token };
  }

  test("is settled by id and token, with the payload and the head of its job", async () => {
    const one = make();
    const { id, token } = await away(one);
    const job = await contextOf(one.svc).reservation(id, token);
    expect(job).toMatchObject({ id, token, topic: "topic", payload: { n: 1 }, attempt: 1 });
    expect(job.head).toMatchObject({ state: "reserved" });
    await job.extend("3h");
    await job.progress(0.5, "half");
    await job.log("sent");
    await job.done({ ok: true });
    expect(await one.svc.get(id)).toMatchObject({ state: "done", result: { ok: true } });
    expect(await one.svc.logs(id)).toEqual([{ at: NOW, line: "sent" }]);
  });

  test("can be tried again with its back-off, canceled and released", async () => {
    const one = make();
    const retried = await away(one, { backoff: { min: "1s" } });
    await (await contextOf(one.svc).reservation(retried.id, retried.token)).retry({ error: new Error("boom") });
    expect(await one.svc.status(retried.id)).toMatchObject({
      state: "delayed",
      error: expect.stringMatching(/^Error: boom\n +at /),
      attempt: 1,
    });
    expect(await one.svc.attempts(retried.id)).toMatchObject([
      { token: 1, outcome: "retried", error: { message: "boom" } },
    ]);
    const canceled = await away(one);
    await (await contextOf(one.svc).reservation(canceled.id, canceled.token)).cancel("no");
    expect(await one.svc.status(canceled.id)).toMatchObject({ state: "canceled", reason: "rejected" });
    const released = await away(one);
    await (await contextOf(one.svc).reservation(released.id, released.token)).release();
    expect(await one.svc.status(released.id)).toMatchObject({ state: "ready", attempt: 0 });
  });

  test("is told of, and what modules add to a settlement is stored with it", async () => {
    const one = make();
    const { id, token } = await away(one);
    const context = contextOf(one.svc);
    const heard: string[] = [];
    one.svc.on("done", (event) => heard.push(event.id));
    context.extendUnit({
      wants: (_job, what) => what === "done",
      extend: (unit) => ({ ...unit, note: [{ id, kind: "log", key: "k", value: "with it", at: NOW }] }),
    });
    const ending = one.svc.result(id);
    await (await context.reservation(id, token)).done(7);
    expect(await ending).toEqual({ state: "done", result: 7 });
    expect(heard).toEqual([id]);
    expect(await one.svc.logs(id)).toEqual([{ at: NOW, line: "with it" }]);
  });

  test("is lost when the token is another's, the job has moved on, or is gone", async () => {
    const one = make();
    const { id, token } = await away(one);
    const context = contextOf(one.svc);
    await expectCode(context.reservation(id, token + 1), "LEASE_LOST");
    await expectCode(context.reservation("01900000-0000-7000-8000-000000000000", 1), "LEASE_LOST");
    const first = await context.reservation(id, token);
    const second = await context.reservation(id, token);
    await first.done();
    await expectCode(second.done(), "LEASE_LOST");
    await expectCode(second.extend(), "LEASE_LOST");
    await expectCode(context.reservation(id, token), "LEASE_LOST");
  });

  test("is neither waited for nor given back at the close", async () => {
    const one = make();
    const { id } = await away(one);
    await one.svc.close({ deadline: "1h" });
    expect(one.clock.nextAlarmAt()).toBeUndefined();
    await expectCode(contextOf(one.svc).reservation(id, 1), "CLOSED");
  });

  test("ends with its lease as any other", async () => {
    const one = make();
    const { id, token } = await away(one, { timeout: "10s" });
    await settled();
    await pass(one.clock, 10_000);
    expect(await one.svc.status(id)).toMatchObject({ state: "ready", leaseLosses: 1 });
    await expectCode(contextOf(one.svc).reservation(id, token), "LEASE_LOST");
  });

  test("takes itself out of the hands of whoever holds it here", async () => {
    const one = make();
    await one.svc.enqueue("topic");
    const held = await reserveOne(one.svc);
    await (await contextOf(one.svc).reservation(held.id, held.token)).release();
    expect(held.signal.aborted).toBe(true);
    await expectCode(held.done(), "LEASE_LOST");
  });
});
