import { JobqError } from "@jobq/core";
import { describe, expect, test } from "vitest";
import { DISK, expectCode, heldJob, isPending, pass, rig, settled } from "./harness.ts";

const AWAY = new JobqError("STORE_FAILED", "away");

describe("result", () => {
  test("waits for a job to be done, and answers at once when it is", async () => {
    const one = await rig();
    const job = await heldJob(one);
    const waiting = one.svc.result(job.id);
    expect(await isPending(waiting)).toBe(true);
    await job.done({ pages: 2 });
    expect(await waiting).toEqual({ state: "done", result: { pages: 2 } });
    expect(await one.svc.result(job.id)).toEqual({ state: "done", result: { pages: 2 } });
  });

  test("answers that the job was canceled, with the reason", async () => {
    const one = await rig();
    const job = await heldJob(one, 1, { maxRetries: 0 });
    const waiting = one.svc.result(job.id);
    await settled();
    await job.retry({ error: "no" });
    expect(await waiting).toEqual({ state: "canceled", reason: "exhausted", error: "no" });
  });

  test("answers that the job was removed while it waited, one by one or with many", async () => {
    const one = await rig();
    const id = await one.svc.enqueue("topic", 1);
    const waiting = one.svc.result(id);
    await settled();
    await one.svc.remove(id);
    expect(await waiting).toEqual({ state: "removed" });
    const missing = { code: "JOB_NOT_FOUND", details: { id, doing: "result" } };
    await expect(one.svc.result(id)).rejects.toMatchObject(missing);
  });

  test("waits on through retries and resets", async () => {
    const one = await rig();
    const job = await heldJob(one);
    const waiting = one.svc.result(job.id);
    await job.retry({ delay: 0 });
    expect(await isPending(waiting)).toBe(true);
    await (await one.svc.reserve("topic"))[0]?.done();
    expect(await waiting).toEqual({ state: "done", result: undefined });
  });

  test("gives up when its time is over, and leaves nothing behind", async () => {
    const one = await rig();
    const id = await one.svc.enqueue("topic", 1);
    const waiting = one.svc.result(id, { timeout: "5s" });
    await settled();
    await pass(one.clock, 4999);
    expect(await isPending(waiting)).toBe(true);
    one.clock.advance(1);
    const message = `job ${id} is still ready after 5000 ms`;
    await expect(waiting).rejects.toMatchObject({ code: "TIMEOUT", message, details: { id, state: "ready" } });
    expect(one.clock.nextAlarmAt()).toBeUndefined();
    await expectCode(one.svc.result(id, { timeout: 0 }), "TIMEOUT");
  });

  test("ends with the reason of its signal, and with CLOSED when the service closes", async () => {
    const one = await rig();
    const id = await one.svc.enqueue("topic", 1);
    const abort = new AbortController();
    const [aborted, waiting] = [one.svc.result(id, { signal: abort.signal }), one.svc.result(id)];
    await settled();
    abort.abort(DISK);
    await expect(aborted).rejects.toBe(DISK);
    await expect(one.svc.result(id, { signal: abort.signal })).rejects.toBe(DISK);
    const closing = one.svc.close();
    await expectCode(waiting, "CLOSED");
    await closing;
  });

  test("sees a job end in another process, looking ever more rarely", async () => {
    const one = await rig({ shared: true, pollInterval: "1s" });
    const id = await one.svc.enqueue("topic", 1);
    const waiting = one.svc.result(id);
    await settled();
    one.wire.calls = [];
    for (let second = 0; second < 60; second++) for (let part = 0; part < 20; part++) await pass(one.clock, 50);
    expect(one.wire.count("jobs.get")).toBeLessThan(70);
    await one.jobs.commit([{ now: one.clock.now(), apply: [{ type: "cancel", id, reason: "canceled" }] }]);
    await pass(one.clock, 1000);
    expect(await waiting).toMatchObject({ state: "canceled" });
  });

  test.each([false, true])(
    "rides out a store that is away for a moment, and tells of it once (shared: %s)",
    async (shared) => {
      const one = await rig({ shared });
      const id = await one.svc.enqueue("topic", 1);
      const waits = [one.svc.result(id, { timeout: "20s" }), one.svc.result(id)];
      await settled();
      one.wire.fail("jobs.get", { times: 1e3, error: AWAY });
      waits.push(one.svc.result(id, { timeout: "20s" }));
      for (let second = 0; second < 10; second++) for (let part = 0; part < 20; part++) await pass(one.clock, 50);
      for (const wait of waits) expect(await isPending(wait)).toBe(true);
      expect(one.errors.filter((error) => error.startsWith("waiting"))).toEqual(["waiting for the end of a job: away"]);
      one.wire.mend();
      await one.svc.cancel(id);
      for (let part = 0; part < 100; part++) await pass(one.clock, 50);
      const ending = { state: "canceled" };
      expect(await Promise.all(waits)).toMatchObject([ending, ending, ending]);
    },
  );

  test("rejects with the last failure when the store is still away after its time, and at once when it never worked", async () => {
    const one = await rig();
    const id = await one.svc.enqueue("topic", 1);
    one.wire.fail("jobs.get", { error: AWAY });
    await expect(one.svc.result(id, { timeout: "5s" })).rejects.toBe(AWAY);
    await one.svc.result(id, { timeout: 0 }).catch(() => {});
    one.wire.fail("jobs.get", { times: 1e3, error: AWAY });
    const waiting = expect(one.svc.result(id, { timeout: "5s" })).rejects.toBe(AWAY);
    for (let part = 0; part < 100; part++) await pass(one.clock, 50);
    await waiting;
  });

  test("does not look at all while it waits on a store of its own", async () => {
    const one = await rig();
    const id = await one.svc.enqueue("topic", 1);
    const waiting = one.svc.result(id);
    await settled();
    one.wire.calls = [];
    await pass(one.clock, 86_400_000);
    expect(one.wire.calls).toEqual([]);
    await one.svc.cancel(id);
    await waiting;
  });
});
