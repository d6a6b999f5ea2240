import { describe, expect, test } from "vitest";
import { expectEntriesInLine, heldJob, isPending, pass, type Rig, rig, settled } from "./harness.ts";

const HOUR = 3_600_000;

/** Runs a day of the clock, from alarm to alarm. */
async function day({ clock }: Rig): Promise<void> {
  const end = clock.now() + 24 * HOUR;
  for (let at = clock.nextAlarmAt(); at !== undefined && at <= end; at = clock.nextAlarmAt())
    await pass(clock, Math.max(at - clock.now(), 0));
  await pass(clock, end - clock.now());
}

describe("a day of doing nothing", () => {
  test("costs no call to stores of one's own, be it with jobs that are ready, held or ended", async () => {
    const one = await rig();
    await (await heldJob(one)).done();
    await heldJob(one, 1, { timeout: "7d" });
    await one.svc.enqueue("other", 1);
    await pass(one.clock, 2 * HOUR); // one look at the lease that was settled before it ended
    one.wire.calls = [];
    await day(one);
    expect(one.wire.calls).toEqual([]);
  });

  test("costs no call while reserves wait on stores of one's own", async () => {
    const one = await rig();
    const waiting = one.svc.reserve("topic", 1, { wait: "48h" });
    await settled();
    one.wire.calls = [];
    await day(one);
    expect(one.wire.calls).toEqual([]);
    expect(await isPending(waiting)).toBe(true);
  });

  test("costs a few calls every ten minutes on shared stores, to find lost entries", async () => {
    const one = await rig({ shared: true });
    await day(one);
    expect(one.wire.calls.length).toBeGreaterThan(0);
    expect(one.wire.calls.length / 24).toBeLessThanOrEqual(80);
  });

  test("costs no call without maintenance, though the store is shared and jobs were looked at", async () => {
    const one = await rig({ shared: true, maintenance: false });
    await one.svc.tally();
    await one.svc.find();
    await day(one);
    expect(one.wire.calls).toEqual(["jobs.tally", "jobs.find"]);
  });

  test("costs a few calls every two seconds while a reserve waits on shared stores", async () => {
    const one = await rig({ shared: true, recoveryInterval: "7d" });
    void one.svc.reserve("topic", 1, { wait: "7d" });
    await settled();
    one.wire.calls = [];
    await day(one);
    expect(one.wire.count("topics.pop") / 24).toBeLessThanOrEqual(1801);
    expect(one.wire.calls.length / 24).toBeLessThanOrEqual(1801 * 6);
  });

  test("costs the same however many reserves wait", async () => {
    const one = await rig({ shared: true, recoveryInterval: "7d" });
    for (let caller = 0; caller < 100; caller++) void one.svc.reserve("topic", 1, { wait: "7d" });
    await settled();
    one.wire.calls = [];
    for (let second = 0; second < 3600; second++) await pass(one.clock, 1000);
    expect(one.wire.count("topics.pop")).toBeLessThanOrEqual(1810);
  });
});

describe("on shared stores", () => {
  const put = async ({ jobs, topics, clock }: Rig, svc: Rig["svc"]): Promise<string> => {
    const id = await svc.enqueue("elsewhere", 1);
    const [job] = await jobs.get([id]);
    await topics.remove([id]);
    await jobs.commit([{ now: clock.now(), remove: [id] }]);
    await jobs.commit([{ now: clock.now(), insert: [{ ...(job as NonNullable<typeof job>), topic: "topic" }] }]);
    return id;
  };

  test("a job pushed by another process is found within the poll interval", async () => {
    const one = await rig({ shared: true, pollInterval: "2s" });
    const waiting = one.svc.reserve("topic", 1, { wait: "1h" });
    for (let second = 0; second < 60; second++) await pass(one.clock, 1000);
    const id = await put(one, one.svc);
    await one.topics.push([{ id, topic: "topic", weight: 0 }]);
    await pass(one.clock, 2000);
    expect(await waiting).toMatchObject([{ id }]);
  });

  test("a poll interval below the first pause is kept too", async () => {
    const one = await rig({ shared: true, pollInterval: 5 });
    void one.svc.reserve("topic", 1, { wait: "1h" });
    await settled();
    one.wire.calls = [];
    for (let turn = 0; turn < 10; turn++) await pass(one.clock, 5);
    expect(one.wire.count("topics.pop")).toBe(10);
  });

  test("a lease that another process lost is found by a plain reserve", async () => {
    const one = await rig({ shared: true });
    const id = await put(one, one.svc);
    await one.jobs.commit([{ now: one.clock.now(), apply: [{ type: "reserve", id, by: "dead", leaseMs: 10_000 }] }]);
    await pass(one.clock, 9999);
    expect(await one.svc.reserve("topic")).toEqual([]);
    await pass(one.clock, 2001);
    expect(await one.svc.reserve("topic")).toMatchObject([{ id, attempt: 1, token: 2 }]);
    await expectEntriesInLine(one);
  });
});
