import type { Change } from "@jobq/core";
import { cron, daily, every } from "@jobq/service/cron";
import { contextOf } from "@jobq/service/module";
import { defineJob } from "@jobq/service/worker";
import { describe, expect, it, test } from "vitest";
import { scheduleId } from "../../src/cron/occurrence/derived-id.ts";
import { expectCode, NOW } from "../harness.ts";
import { HOUR, MINUTE, World } from "./scheduled.ts";

async function begun() {
  const world = await World.open();
  const process = await world.join();
  await process.schedules.start();
  return { world, ...process, svc: process.svc, schedules: process.schedules, errors: process.errors };
}

describe("a schedule", () => {
  it("gives a job at each instant, as it was asked for", async () => {
    const { world, svc, schedules } = await begun();
    const job = defineJob("send-report", { topic: "reports", run: async (_: { to: string }) => {} });
    const options = { maxRetries: 2, weight: -5, timeout: "5m", tags: { team: "sales" } } as const;
    await schedules.set("report", every("1h"), { job, payload: { to: "ada" }, options });
    await world.pass(HOUR);
    const [given] = await svc.reserve("reports");
    expect(given).toMatchObject({ payload: { to: "ada" }, name: "send-report", maxRetries: 2, weight: -5 });
    expect(given?.tags).toEqual({ team: "sales", schedule: "report", instant: "2026-01-01T01:00:00.000Z" });
    expect(given?.head.timeoutMs).toBe(5 * MINUTE);
    await world.pass(2 * HOUR);
    expect(await world.minutes("reports")).toEqual([60, 180]);
  });

  it("shows what it is, and its next and last instants", async () => {
    const { world, schedules } = await begun();
    const when = daily("09:00");
    const options = {
      topic: "topic",
      payload: 7,
      timezone: "Europe/Berlin",
      missed: "all",
      most: 5,
      jitter: "1m",
    } as const;
    const until = new Date(NOW + 40 * HOUR);
    const set = await schedules.set("report", when, { ...options, until });
    expect(set).toEqual({
      ...{ name: "report", when, timezone: "Europe/Berlin", topic: "topic", jobName: "topic", payload: 7 },
      ...{ missed: "all", most: 5, jitterMs: MINUTE, untilAt: Number(until), isPaused: false, isCanceled: false },
      ...{ nextAt: NOW + 8 * HOUR, lastAt: undefined },
    });
    await world.pass(9 * HOUR);
    expect(await schedules.get("report")).toEqual({ ...set, nextAt: NOW + 32 * HOUR, lastAt: NOW + 8 * HOUR });
    await world.pass(24 * HOUR);
    expect(await schedules.list()).toEqual([{ ...set, nextAt: undefined, lastAt: NOW + 32 * HOUR }]);
    expect(await schedules.get("other")).toBeUndefined();
  });

  it("is listed by name among all others", async () => {
    const { schedules } = await begun();
    for (const name of ["b", "c", "a"]) await schedules.set(name, every("1h"), { topic: "topic" });
    expect((await schedules.list()).map(({ name }) => name)).toEqual(["a", "b", "c"]);
  });

  it("is over after its last instant, and goes on when that is moved", async () => {
    const { world, schedules } = await begun();
    await schedules.set("s", every("1h"), { topic: "topic", until: NOW + 2 * HOUR });
    await world.pass(5 * HOUR);
    expect(await world.minutes()).toEqual([120]);
    await world.pass(HOUR / 2);
    expect((await schedules.set("s", every("1h"), { topic: "topic" })).nextAt).toBe(NOW + 6 * HOUR);
    await world.pass(HOUR / 2);
    expect(await world.minutes()).toEqual([120, 360]);
  });

  it("is over at once when its last instant has passed", async () => {
    const { world, schedules } = await begun();
    const options = { topic: "topic", until: NOW - HOUR };
    expect((await schedules.set("s", every("1h"), options)).nextAt).toBeUndefined();
    await world.pass(5 * HOUR);
    expect(await world.minutes()).toEqual([]);
  });

  it("lets no job begin while an earlier one has not ended, if it is told so", async () => {
    const { world, svc, schedules } = await begun();
    await schedules.set("s", every("1m"), { topic: "topic", unique: true });
    for (let minute = 1; minute <= 3; minute++) await world.pass(MINUTE);
    expect(await world.minutes()).toEqual([1]);
    await (await svc.reserve("topic"))[0]?.done();
    await world.pass(MINUTE);
    expect(await world.minutes()).toEqual([1, 4]);
  });

  it("gives jobs that share a limit, and that expire", async () => {
    const { world, svc, schedules } = await begun();
    const options = { limit: { key: "tenant-7", concurrency: 1 }, expires: "90s", origin: "nightly" } as const;
    await schedules.set("s", every("1m"), { topic: "topic", options });
    await world.pass(MINUTE);
    const [first] = await svc.reserve("topic");
    expect(first?.head).toMatchObject({ expiresAt: NOW + 2.5 * MINUTE });
    await world.pass(MINUTE);
    expect(await svc.reserve("topic")).toEqual([]);
    await first?.done();
    await world.quiet();
    expect(await svc.reserve("topic")).toMatchObject([{ tags: { instant: "2026-01-01T00:02:00.000Z" } }]);
  });

  it("shares a unique key with whatever else has it", async () => {
    const { world, svc, schedules } = await begun();
    const holder = await svc.enqueue("topic", 0, { unique: "sync" });
    await schedules.set("s", every("1m"), { topic: "topic", unique: "sync" });
    await world.pass(MINUTE);
    expect(await world.minutes()).toEqual([]);
    expect(await schedules.trigger("s")).toBe(holder);
  });

  it("spreads its jobs by jitter, by the same time in every process", async () => {
    const times = async () => {
      const { world, svc, schedules } = await begun();
      const delays: number[] = [];
      svc.on("enqueued", ({ topic, runAt, at }) => topic === "topic" && delays.push((runAt ?? at) - at));
      await schedules.set("s", every("1h"), { topic: "topic", jitter: "30m" });
      for (let hour = 1; hour <= 20; hour++) await world.pass(HOUR);
      return delays;
    };
    const first = await times();
    expect(first).toHaveLength(20);
    expect(new Set(first).size).toBeGreaterThan(15);
    expect(Math.max(...first)).toBeLessThanOrEqual(30 * MINUTE);
    expect(await times()).toEqual(first);
  });

  it("survives that all processes are gone for a day, as it was told", async () => {
    const world = await World.open();
    const before = await world.join();
    const when = cron("0 */6 * * *");
    for (const missed of ["skip", "one", "all"] as const)
      await before.schedules.set(missed, when, { topic: missed, missed });
    before.kill();
    world.clock.advance(25 * HOUR);
    const after = await world.join();
    await after.schedules.start();
    await world.quiet();
    expect(await world.minutes("skip")).toEqual([]);
    expect(await world.minutes("one")).toEqual([24 * 60]);
    expect(await world.minutes("all")).toEqual([6 * 60, 12 * 60, 18 * 60, 24 * 60]);
    await world.pass(5 * HOUR);
    for (const topic of ["skip", "one", "all"]) expect((await world.minutes(topic)).at(-1)).toBe(30 * 60);
  });

  it("makes up thousands of instants, each once", async () => {
    const world = await World.open();
    const { schedules } = await world.join();
    await schedules.set("s", every("1m"), { topic: "topic", missed: "all" });
    world.clock.advance(24 * HOUR);
    await schedules.start();
    await world.quiet();
    expect(await world.minutes()).toEqual(Array.from({ length: 1440 }, (_, index) => index + 1));
  });

  it("gives nothing twice when the clock is set back, and nothing for the time that it says it lost", async () => {
    const { world, schedules } = await begun();
    await schedules.set("s", every("1h"), { topic: "topic", missed: "all" });
    await world.pass(2 * HOUR);
    world.clock.step(-90 * MINUTE);
    await world.pass(80 * MINUTE);
    expect(await world.minutes()).toEqual([60, 120]);
    await world.pass(70 * MINUTE);
    expect(await world.minutes()).toEqual([60, 120, 180]);
  });

  it("waits for the right instant again once it is set where the rules of its zone are others", async () => {
    const { world, svc, schedules } = await begun();
    const set = () => schedules.set("s", daily("09:00"), { topic: "topic", missed: "skip", timezone: "Europe/Berlin" });
    await set();
    const id = scheduleId("s");
    const apply: Change[] = [
      { type: "wake", id },
      { type: "reserve", id, by: "a process for which nine o'clock is an hour later" },
      { type: "suspend", id, token: 2, at: NOW + 9 * HOUR, awaits: "" },
    ];
    expect(await contextOf(svc).commit({ now: NOW, apply })).toMatchObject({ ok: true });
    await set();
    await world.pass(8 * HOUR);
    expect(await world.minutes()).toEqual([8 * 60]);
    expect(await schedules.get("s")).toMatchObject({ nextAt: NOW + 32 * HOUR });
  });

  it("is nobody's but its own: jobs of other modules and users are left alone", async () => {
    const { world, svc, schedules } = await begun();
    await svc.enqueue("topic", 1);
    await schedules.set("topic", every("1m"), { topic: "other" });
    await world.pass(MINUTE);
    expect((await svc.reserve("topic")).map(({ payload }) => payload)).toEqual([1]);
  });
});

describe("trigger", () => {
  it("gives a job now, and leaves the instants as they are", async () => {
    const { world, svc, schedules } = await begun();
    await schedules.set("s", every("1h"), { topic: "topic", payload: 7 });
    await world.pass(HOUR / 2);
    const id = await schedules.trigger("s");
    expect(await svc.get(id)).toMatchObject({ payload: 7, state: "ready", tags: { schedule: "s" } });
    await world.pass(HOUR / 2);
    expect(await world.minutes()).toEqual([60]);
    expect(await svc.find({ topic: "topic" })).toHaveLength(2);
  });
});

describe("pause and resume", () => {
  it("let the instants between them pass for good", async () => {
    const { world, schedules } = await begun();
    await schedules.set("s", every("1h"), { topic: "topic", missed: "all" });
    await world.pass(HOUR);
    await schedules.pause("s");
    await schedules.pause("s");
    expect(await schedules.get("s")).toMatchObject({ isPaused: true, nextAt: undefined, lastAt: NOW + HOUR });
    for (let hour = 0; hour < 3; hour++) await world.pass(HOUR);
    await schedules.resume("s");
    await schedules.resume("s");
    expect(await schedules.get("s")).toMatchObject({ isPaused: false, nextAt: NOW + 5 * HOUR });
    await world.pass(HOUR);
    expect(await world.minutes()).toEqual([60, 300]);
  });

  it.each([
    ["was canceled", undefined, true],
    ["has no more instants", NOW, false],
  ])("are refused where it %s, which it shows, until it is set again", async (_, until, isCanceled) => {
    const { world, svc, schedules } = await begun();
    await schedules.set("s", every("1h"), { topic: "topic", until });
    if (isCanceled) await svc.cancel(scheduleId("s"));
    await world.quiet();
    expect(await schedules.get("s")).toMatchObject({ isCanceled, isPaused: false, nextAt: undefined });
    await expectCode(schedules.pause("s"), "INVALID_STATE");
    await expectCode(schedules.resume("s"), "INVALID_STATE");
    await schedules.set("s", every("1h"), { topic: "topic" });
    expect(await schedules.get("s")).toMatchObject({ isCanceled: false, nextAt: NOW + HOUR });
  });

  it("a canceled one goes on, paused or not, when its job is reset", async () => {
    const { world, svc, schedules } = await begun();
    for (const name of ["a", "b"]) await schedules.set(name, every("1h"), { topic: "topic" });
    await schedules.pause("b");
    expect(await svc.cancelMany({ topic: "jobq:schedules" })).toBe(2);
    await expectCode(schedules.resume("b"), "INVALID_STATE");
    expect(await svc.resetMany({ topic: "jobq:schedules", state: "canceled" })).toBe(2);
    await world.quiet();
    expect(await schedules.list()).toMatchObject([
      { name: "a", isCanceled: false, isPaused: false, nextAt: NOW + HOUR },
      { name: "b", isCanceled: false, isPaused: true },
    ]);
    await world.pass(HOUR);
    expect(await world.minutes()).toEqual([60]);
  });

  it("leave it triggerable, and a set in between leaves it paused", async () => {
    const { world, svc, schedules } = await begun();
    await schedules.set("s", every("1h"), { topic: "topic" });
    await schedules.pause("s");
    await schedules.set("s", every("30m"), { topic: "topic", payload: 2 });
    await world.pass(3 * HOUR);
    expect(await schedules.get("s")).toMatchObject({ isPaused: true, payload: 2 });
    await schedules.trigger("s");
    expect(await svc.find({ topic: "topic" })).toHaveLength(1);
    await schedules.resume("s");
    await world.pass(HOUR / 2);
    expect(await world.minutes()).toEqual([210]);
  });
});

describe("setting a schedule again", () => {
  it("changes nothing when nothing is different", async () => {
    const { world, svc, schedules } = await begun();
    const set = () => schedules.set("s", every("1h"), { topic: "topic", payload: { a: 1 }, missed: "all" });
    const first = await set();
    const head = await svc.status(scheduleId("s"));
    await world.pass(HOUR / 2);
    expect(await set()).toEqual(first);
    expect(await svc.status(scheduleId("s"))).toEqual(head);
  });

  it("keeps the instant it waits for when the times are the same", async () => {
    const { world, svc, schedules } = await begun();
    await schedules.set("s", every("1h"), { topic: "topic", payload: 1 });
    await world.pass(HOUR / 2);
    const { nextAt } = await schedules.set("s", every("1h"), { topic: "topic", payload: 2 });
    expect(nextAt).toBe(NOW + HOUR);
    await world.pass(HOUR / 2);
    expect((await svc.reserve("topic", 10)).map(({ payload }) => payload)).toEqual([2]);
  });

  it("replaces the instant it waits for when the times are others", async () => {
    const { world, schedules } = await begun();
    await schedules.set("s", every("1h"), { topic: "topic" });
    await world.pass(HOUR / 2);
    const { nextAt } = await schedules.set("s", every("40m"), { topic: "topic" });
    expect(nextAt).toBe(NOW + 40 * MINUTE);
    for (let step = 0; step < 9; step++) await world.pass(10 * MINUTE);
    expect(await world.minutes()).toEqual([40, 80, 120]);
  });

  it("does not make up new times that would have been earlier", async () => {
    const { world, schedules } = await begun();
    await schedules.set("s", daily("09:00"), { topic: "topic", missed: "all" });
    await world.pass(10 * HOUR);
    expect((await schedules.set("s", daily("09:30"), { topic: "topic", missed: "all" })).nextAt).toBe(
      NOW + 33.5 * HOUR,
    );
    await world.pass(HOUR);
    expect(await world.minutes()).toEqual([540]);
  });

  it("still gives what was due before, as it was defined then", async () => {
    const world = await World.open();
    const { svc, schedules } = await world.join();
    await schedules.set("s", every("1m"), { topic: "topic", payload: "old", missed: "all" });
    world.clock.advance(250 * MINUTE);
    await schedules.set("s", every("7m"), { topic: "topic", payload: "new", missed: "all" });
    await schedules.start();
    await world.pass(10 * MINUTE);
    expect(await world.minutes()).toEqual([...Array.from({ length: 250 }, (_, index) => index + 1), 252, 259]);
    expect((await svc.reserve("topic", 1000)).map(({ payload }) => payload).slice(249)).toEqual(["old", "new", "new"]);
  });

  it("brings one back whose job was canceled", async () => {
    const { world, svc, schedules } = await begun();
    const set = () => schedules.set("s", every("1h"), { topic: "topic" });
    await set();
    await svc.cancel(scheduleId("s"));
    await world.pass(2.5 * HOUR);
    await set();
    await world.pass(HOUR);
    expect(await world.minutes()).toEqual([180]);
  });
});

describe("remove", () => {
  it("forgets the schedule and leaves its jobs", async () => {
    const { world, schedules } = await begun();
    await schedules.set("s", every("1h"), { topic: "topic" });
    await world.pass(HOUR);
    await schedules.remove("s");
    await world.pass(5 * HOUR);
    expect([await schedules.list(), await world.minutes()]).toEqual([[], [60]]);
  });

  it("makes room for another of the same name, which counts from then on", async () => {
    const { world, schedules } = await begun();
    await schedules.set("s", every("1h"), { topic: "topic", missed: "all" });
    await world.pass(HOUR);
    await schedules.remove("s");
    await world.pass(HOUR);
    await schedules.set("s", every("30m"), { topic: "topic", missed: "all" });
    await world.pass(HOUR);
    expect(await world.minutes()).toEqual([60, 150, 180]);
  });
});

describe("start and stop", () => {
  it("may be called again and again", async () => {
    const { world, schedules } = await begun();
    await schedules.start();
    await schedules.set("s", every("1h"), { topic: "topic" });
    await schedules.stop();
    await schedules.stop();
    await world.pass(HOUR);
    expect(await world.minutes()).toEqual([]);
    await schedules.start();
    await world.quiet();
    expect(await world.minutes()).toEqual([60]);
    await schedules.stop();
  });

  it("end with the service", async () => {
    const { svc, schedules, errors } = await begun();
    await svc.close();
    await schedules.stop();
    await expectCode(schedules.set("s", every("1h"), { topic: "topic" }), "CLOSED");
    expect(errors).toEqual([]);
  });
});

test.each(["pause", "resume", "remove", "trigger"] as const)(
  "%s of a schedule that is not there says so",
  async (method) => {
    const { schedules } = await begun();
    await expectCode(schedules[method]("none"), "JOB_NOT_FOUND");
  },
);
