import type { ReservedJob } from "@jobq/service";
import { describe, expect, test } from "vitest";
import {
  DISK,
  expectCode,
  expectEntriesInLine,
  heldJob,
  NOW,
  pass,
  type Rig,
  reserveOne,
  rig,
  settled,
  stored,
} from "./harness.ts";

type Use = (job: ReservedJob) => Promise<unknown>;

const SETTLE: Readonly<Record<string, Use>> = {
  done: (job) => job.done(),
  retry: (job) => job.retry(),
  cancel: (job) => job.cancel("no"),
  release: (job) => job.release(),
};
const USES: Readonly<Record<string, Use>> = {
  ...SETTLE,
  extend: (job) => job.extend("1m"),
  progress: (job) => job.progress(0.5),
  log: (job) => job.log("line"),
};

describe("a held job", () => {
  test("says what it is", async () => {
    const job = await heldJob(await rig(), { a: 1 }, { name: "render", tags: { env: "x" }, weight: 3, maxRetries: 9 });
    const { topic, name, payload, attempt, token, tags, weight, maxRetries, createdAt } = job;
    expect({ topic, name, payload, attempt, token, tags, weight, maxRetries, createdAt }).toEqual({
      topic: "topic",
      name: "render",
      payload: { a: 1 },
      attempt: 1,
      token: 1,
      tags: { env: "x" },
      weight: 3,
      maxRetries: 9,
      createdAt: NOW,
    });
    expect(job.signal.aborted).toBe(false);
  });

  test("is done with its result", async () => {
    const one = await rig();
    const job = await heldJob(one);
    await job.done({ pages: 2 });
    expect(await one.svc.get(job.id)).toMatchObject({ state: "done", result: { pages: 2 }, finishedAt: NOW });
    await expectEntriesInLine(one);
  });

  test("is retried with an error alone, whose stack is kept, cut where it is too long", async () => {
    const one = await rig();
    const job = await heldJob(one);
    class Refused extends Error {
      override readonly name = "Refused";
    }
    await job.retry(new Refused("by the printer"));
    expect((await stored(one, job.id)).error).toMatch(/^Refused: by the printer\n +at .*handle\.test\.ts/);
    const other = await heldJob(one);
    const bare = Object.assign(new Error("x".repeat(9000)), { stack: "go@app.js:1:2" });
    await other.retry(bare);
    expect((await stored(one, other.id)).error).toBe(`Error: ${"x".repeat(8192 - 7)}…`);
    const third = await heldJob(one);
    await third.retry(Object.assign(new Error("short"), { stack: "go@app.js:1:2" }));
    expect((await stored(one, third.id)).error).toBe("Error: short\ngo@app.js:1:2");
  });

  test("is retried after its back-off, or after the delay asked for, with the error kept", async () => {
    const one = await rig();
    const job = await heldJob(one, 1, { backoff: { min: "10s", max: "10s" } });
    await job.retry({ error: new TypeError("no") });
    const trace = expect.stringMatching(/^TypeError: no\n +at .*handle\.test\.ts/);
    expect(await stored(one, job.id)).toMatchObject({ state: "delayed", runAt: NOW + 10_000, error: trace });
    await expectEntriesInLine(one);
    await pass(one.clock, 10_000);
    const again = await reserveOne(one.svc);
    expect(again.attempt).toBe(2);
    await again.retry({ delay: "1m", error: "still" });
    expect(await stored(one, job.id)).toMatchObject({ runAt: NOW + 70_000, error: "still" });
  });

  test("is canceled as exhausted by the retry after the last", async () => {
    const one = await rig();
    await (await heldJob(one, 1, { maxRetries: 0 })).retry({ error: "no" });
    expect(await one.svc.find({ state: "canceled", reason: "exhausted" })).toMatchObject([{ error: "no" }]);
  });

  test("is canceled by its holder with a reason", async () => {
    const one = await rig();
    const job = await heldJob(one);
    await job.cancel("hopeless");
    expect(await stored(one, job.id)).toMatchObject({ state: "canceled", reason: "rejected", error: "hopeless" });
    expect(job.signal.aborted).toBe(false);
  });

  test("is given back without costing an attempt", async () => {
    const one = await rig();
    for (let turn = 0; turn < 100; turn++)
      await (await (turn ? reserveOne(one.svc) : heldJob(one, 1, { maxRetries: 0 }))).release();
    expect((await one.svc.find())[0]).toMatchObject({ state: "ready", attempt: 0, token: 100 });
  });

  test("is held longer when it is extended, by its timeout unless told otherwise, and never shorter", async () => {
    const one = await rig();
    const job = await heldJob(one, 1, { timeout: "10s" });
    await pass(one.clock, 9000);
    await job.extend();
    expect((await stored(one, job.id)).leaseUntil).toBe(NOW + 19_000);
    await job.extend("1s");
    expect((await stored(one, job.id)).leaseUntil).toBe(NOW + 19_000);
    await pass(one.clock, 9999);
    expect(job.signal.aborted).toBe(false);
    await pass(one.clock, 1);
    expect(job.signal.aborted).toBe(true);
  });

  test("a three-hour job on a lease of 30 seconds that is extended runs once", async () => {
    const one = await rig();
    const job = await heldJob(one, 1, { timeout: "30s" });
    for (let turn = 0; turn < 1080; turn++) {
      one.clock.advance(10_000);
      await job.extend();
    }
    expect(await one.svc.reserve("topic")).toEqual([]);
    await job.done();
    expect(await stored(one, job.id)).toMatchObject({ state: "done", attempt: 1, leaseLosses: 0 });
  });

  test("reports its progress and keeps what it logs, in order", async () => {
    const one = await rig();
    const job = await heldJob(one);
    await job.progress(0.5, "half");
    await Promise.all([job.log("a"), job.log("b"), job.log("c\u0000\ud800")]);
    await job.progress(1);
    expect((await one.svc.status(job.id))?.progress).toEqual({ value: 1 });
    expect(await one.svc.logs(job.id)).toEqual(["a", "b", "c\ufffd\ufffd"].map((line) => ({ at: NOW, line })));
  });

  test("can be settled again when the store failed to take it", async () => {
    for (const settle of Object.values(SETTLE)) {
      const one = await rig();
      const job = await heldJob(one);
      one.wire.fail("jobs.commit");
      await expect(settle(job)).rejects.toBe(DISK);
      await settle(job);
      expect((await stored(one, job.id)).state).not.toBe("reserved");
    }
  });
});

describe.each(Object.entries(SETTLE))("a job settled by %s", (_, settle) => {
  test.each(Object.entries(USES))("is not there for %s any more", async (_use, use) => {
    const one = await rig();
    const job = await heldJob(one);
    const first = settle(job);
    await expectCode(use(job), "INVALID_STATE");
    await first;
    const before = await stored(one, job.id);
    await expectCode(use(job), "INVALID_STATE");
    expect(await stored(one, job.id)).toEqual(before);
    expect(await one.svc.logs(job.id)).toEqual([]);
  });
});

/** Ways in which a holder loses its job without being asked. */
const LOSSES: Readonly<Record<string, (one: Rig, job: ReservedJob) => Promise<unknown>>> = {
  "its lease ended": (one) => pass(one.clock, 7_200_000),
  "its lease ended and another has it": async (one) => {
    await pass(one.clock, 7_200_000);
    await reserveOne(one.svc);
  },
  "it was canceled": (one, job) => one.svc.cancel(job.id, "no"),
  "it was removed": (one, job) => one.svc.remove(job.id),
  "another process took it": async (one, { id }) => {
    const now = NOW + 7_200_000;
    await one.jobs.commit([
      {
        now,
        apply: [
          { type: "expire", id },
          { type: "reserve", id, by: "other" },
        ],
      },
    ]);
  },
};

describe.each(Object.entries(LOSSES))("a holder of a job that it lost because %s", (why, lose) => {
  test.each(Object.entries(USES))("is refused %s, which changes nothing", async (_use, use) => {
    const one = await rig();
    const job = await heldJob(one);
    await lose(one, job);
    const [before] = await one.jobs.get([job.id]);
    await expectCode(use(job), "LEASE_LOST");
    expect((await one.jobs.get([job.id]))[0]).toEqual(before);
    expect(await one.jobs.notes(job.id, "log")).toEqual([]);
    await settled();
    expect(job.signal.reason).toMatchObject({ code: "LEASE_LOST" });
    await expectCode(use(job), "LEASE_LOST");
  });

  if (why.startsWith("another")) return; // nobody tells it before it asks
  test("hears of it from its signal", async () => {
    const one = await rig();
    const job = await heldJob(one);
    const { signal } = job;
    await lose(one, job);
    expect(signal.reason).toMatchObject({ code: "LEASE_LOST", details: { id: job.id } });
  });
});
