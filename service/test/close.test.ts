import { ManualClock } from "@jobq/core";
import { memoryJobs } from "@jobq/job-memory";
import type { JobService } from "@jobq/service";
import { describe, expect, test } from "vitest";
import { DISK, expectCode, heldJob, isPending, pass, rig, settled, stored, Wire } from "./harness.ts";

describe("a service that closes", () => {
  test("waits for what is held to be settled, and closes both repositories", async () => {
    const one = await rig();
    const job = await heldJob(one);
    const closing = one.svc.close();
    expect(await isPending(closing)).toBe(true);
    expect(job.signal.aborted).toBe(false);
    await job.log("last words");
    expect(await one.jobs.notes(job.id, "log")).toHaveLength(1);
    await job.done();
    await closing;
    await expectCode(one.jobs.get([]), "CLOSED");
    await expectCode(one.topics.topics(), "CLOSED");
    expect(one.clock.nextAlarmAt()).toBeUndefined();
  });

  test("gives back what is held past the deadline: it costs no attempt, and its holder hears of it", async () => {
    const wire = new Wire();
    const clock = new ManualClock();
    const jobs = memoryJobs({ clock });
    const one = await rig({ clock, jobs: wire.around("jobs", jobs, { close: async () => {} }) });
    const job = await heldJob(one);
    const { signal } = job;
    const closing = one.svc.close({ deadline: "10s" });
    await settled();
    await pass(clock, 9999);
    expect(signal.aborted).toBe(false);
    await pass(clock, 1);
    await closing;
    expect(signal.reason).toMatchObject({ code: "LEASE_LOST" });
    await expectCode(job.done(), "LEASE_LOST");
    expect((await jobs.get([job.id]))[0]).toMatchObject({ state: "ready", attempt: 0, leaseLosses: 0 });
  });

  test("closes once, whoever asks and how often", async () => {
    const { svc, wire } = await rig();
    await Promise.all([svc.close(), svc.close({ deadline: 0 })]);
    await svc.close();
    expect([wire.count("jobs.close"), wire.count("topics.close")]).toEqual([1, 1]);
  });

  test("waits no longer than its deadline, and a moment, for a claim that never ends; a second call hurries it", async () => {
    const clock = new ManualClock();
    const wire = new Wire();
    const jobs = wire.around("jobs", memoryJobs({ clock }), { commit: () => new Promise<never>(() => {}) });
    const one = await rig({ clock, jobs });
    await one.topics.push([{ id: "1", topic: "topic", weight: 0 }]);
    const errors: string[] = [];
    one.svc.on("error", ({ doing }) => errors.push(doing));
    const reserving = expectCode(one.svc.reserve("topic", 1, { wait: "1h" }), "CLOSED");
    await settled();
    const closing = one.svc.close({ deadline: "1h" });
    await pass(clock, 60_000);
    expect(await isPending(closing)).toBe(true);
    void one.svc.close({ deadline: 0 });
    await pass(clock, 0);
    for (let turn = 0; turn < 5; turn++) await pass(clock, 1_000);
    await closing;
    await reserving;
    expect(errors).toContain("closing");
  });

  test("stops what follows from ends and inserts between its steps at the deadline; the next start does the rest", async () => {
    const clock = new ManualClock();
    const stored = memoryJobs({ clock });
    const slots: typeof stored.slots = async (keys, count) => {
      clock.advance(500);
      return stored.slots(keys, count);
    };
    const wire = new Wire();
    const one = await rig({ clock, jobs: wire.around("jobs", stored, { slots, close: async () => {} }) });
    const requests = Array.from({ length: 1_000 }, (_, key) => ({
      topic: "topic",
      payload: 1,
      options: { limit: { key: `${key}`, concurrency: 1 } },
    }));
    await one.svc.enqueueMany(requests);
    await one.svc.close({ deadline: "1s" });
    expect(wire.count("jobs.slots")).toBeLessThan(10);
    expect(one.errors).toEqual([]);
    const two = await rig({ clock, jobs: stored });
    expect(await two.svc.reserve("topic", 1_000)).toHaveLength(1_000);
  });

  test("stops recovery between its pages, though it has all the time in the world", async () => {
    const clock = new ManualClock();
    const stored = memoryJobs({ clock });
    const writer = await rig({ clock, jobs: new Wire().around("jobs", stored, { close: async () => {} }) });
    const options = { limit: { key: "tenant", concurrency: 1 } };
    await writer.svc.enqueueMany(Array.from({ length: 5_000 }, () => ({ topic: "topic", payload: 1, options })));
    await writer.svc.close();
    let release = (): void => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let pages = 0;
    const find: typeof stored.find = async (query) => {
      if (query.slot === "awaited") pages++;
      await held;
      return stored.find(query);
    };
    const one = await rig({ clock, jobs: new Wire().around("jobs", stored, { find }) });
    const reading = one.svc.close({ deadline: "1h" });
    release();
    await reading;
    expect(pages).toBeLessThan(2);
  });

  test("ends every wait", async () => {
    const one = await rig();
    const id = await one.svc.enqueue("other", 1);
    const waits = [one.svc.reserve("topic", 1, { wait: "1h" }), one.svc.result(id)];
    await settled();
    const closing = one.svc.close();
    for (const wait of waits) await expectCode(wait, "CLOSED");
    await closing;
    expect(one.clock.nextAlarmAt()).toBeUndefined();
  });

  test("stores what was asked for before", async () => {
    const one = await rig();
    await one.svc.enqueue("topic", 0);
    const ids = await Promise.all([one.svc.enqueue("topic", 1), one.svc.enqueue("topic", 2), one.svc.close()]);
    expect(ids.slice(0, 2)).toEqual([expect.any(String), expect.any(String)]);
  });

  test("still closes both repositories when giving jobs back fails, and says so", async () => {
    const one = await rig();
    await heldJob(one);
    one.wire.fail("jobs.commit", { times: 9 });
    const closing = one.svc.close({ deadline: 0 });
    const failed = expect(closing).rejects.toBe(DISK);
    await settled();
    await pass(one.clock, 0);
    await failed;
    expect([one.wire.count("jobs.close"), one.wire.count("topics.close")]).toEqual([1, 1]);
  });

  test("closes the jobs even when the topics fail to close, and says so", async () => {
    const one = await rig();
    one.wire.fail("topics.close");
    await expect(one.svc.close()).rejects.toBe(DISK);
    expect(one.wire.count("jobs.close")).toBe(1);
  });
});

describe("a closed service", () => {
  test.each<[string, (one: Awaited<ReturnType<typeof rig>>, id: string) => unknown]>([
    ["enqueue", ({ svc }) => svc.enqueue("topic", 1)],
    ["enqueueMany", ({ svc }) => svc.enqueueMany([{ topic: "topic", payload: 1 }])],
    ["reserve", ({ svc }) => svc.reserve("topic", 1, { wait: "1h" })],
    ["get", ({ svc }, id) => svc.get(id)],
    ["status", ({ svc }, id) => svc.status(id)],
    ["find", ({ svc }) => svc.find()],
    ["logs", ({ svc }, id) => svc.logs(id)],
    ["cancel", ({ svc }, id) => svc.cancel(id)],
    ["reset", ({ svc }, id) => svc.reset(id)],
    ["remove", ({ svc }, id) => svc.remove(id)],
    ["purge", ({ svc }) => svc.purge({ state: "done" })],
    ["topics", ({ svc }) => svc.topics()],
    ["tally", ({ svc }) => svc.tally()],
    ["pause", ({ svc }) => svc.pause("topic")],
    ["resume", ({ svc }) => svc.resume("topic")],
    ["result", ({ svc }, id) => svc.result(id)],
  ])("rejects %s with CLOSED and does not touch its repositories", async (_, call) => {
    const one = await rig();
    const id = await one.svc.enqueue("topic", 1);
    await one.svc.close();
    one.wire.calls = [];
    await expectCode(call(one, id) as Promise<unknown>, "CLOSED");
    expect(one.wire.calls).toEqual([]);
  });
});

/** What a caller may be doing when the service closes, and how many turns it has done so. */
describe.each([false, true])("closing in the middle of a reserve (jobs there: %s)", (there) => {
  test.each(Array.from({ length: 30 }, (_, turns) => turns))(
    "after %i turns leaves nothing reserved at no attempt",
    async (turns) => {
      const clock = new ManualClock();
      const jobs = memoryJobs({ clock });
      const wire = new Wire();
      const one = await rig({ clock, jobs: wire.around("jobs", jobs, { close: async () => {} }) });
      if (there) await one.svc.enqueueMany([1, 2, 3].map((payload) => ({ topic: "topic", payload })));
      const reserving = one.svc.reserve("topic", 3, { wait: "1h" }).then(
        (held) => held,
        (error: unknown) => {
          expect(error).toMatchObject({ code: "CLOSED" });
          return [];
        },
      );
      if (!there) void one.svc.enqueue("topic", 1).catch(() => {});
      for (let turn = 0; turn < turns; turn++) await undefined;
      const closing = one.svc.close({ deadline: "1s" });
      await settled();
      await pass(clock, 1000);
      await closing;
      await reserving;
      for (const job of await jobs.find({ limit: 9 })) expect(job).toMatchObject({ state: "ready", attempt: 0 });
      expect(clock.nextAlarmAt()).toBeUndefined();
    },
  );
});

test("a job that was handed out as the service closed can still be settled before the deadline", async () => {
  const one = await rig();
  await one.svc.enqueue("topic", 1);
  const release = one.wire.hold("jobs.commit");
  const reserving = one.svc.reserve("topic");
  await settled();
  const closing = one.svc.close();
  await expectCode(reserving, "CLOSED");
  release();
  await closing;
  await expect(stored(one, "x")).rejects.toMatchObject({ code: "CLOSED" });
});

test("a service closes at the end of the scope that uses it", async () => {
  let closed: JobService;
  {
    await using svc = (await rig()).svc;
    closed = svc;
    await svc.enqueue("topic", 1);
  }
  await expectCode(closed.enqueue("topic", 2), "CLOSED");
});
