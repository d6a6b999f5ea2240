import { ManualClock } from "@jobq/core";
import { memoryJobs } from "@jobq/job-memory";
import { memoryTopics } from "@jobq/pq-memory";
import { compose, createService } from "@jobq/service";
import { createSchedules, cron, every } from "@jobq/service/cron";
import { exportJobs, importJobs } from "@jobq/service/transfer";
import { expect, test } from "vitest";
import { scheduleId } from "../../src/cron/occurrence/derived-id.ts";
import { expectCode, NOW, pass, rig } from "../harness.ts";
import { OPEN } from "./schedule-stores.ts";
import { HOUR, MINUTE, World } from "./scheduled.ts";

test("a turn that the store fails is taken again, and nothing is lost or doubled", async () => {
  for (const method of ["jobs.commit", "jobs.notes", "topics.push"]) {
    for (const late of [false, true]) {
      const { clock, wire, svc } = await rig();
      const schedules = createSchedules(svc);
      await schedules.set("s", every("1m"), { topic: "topic", missed: "all" });
      await schedules.start();
      wire.fail(method, { late, times: 3 });
      for (let step = 0; step < 20; step++) await pass(clock, MINUTE / 2);
      wire.mend();
      for (let step = 0; step < 6; step++) await pass(clock, MINUTE / 2);
      const instants = (await svc.find({ topic: "topic", limit: 100 })).map(({ tags }) =>
        Date.parse(tags?.instant ?? ""),
      );
      expect([method, late, instants]).toEqual([
        method,
        late,
        Array.from({ length: 13 }, (_, at) => NOW + (at + 1) * MINUTE),
      ]);
      await schedules.stop();
    }
  }
});

test("a schedule that cannot be read is put off, reported and left out of the list, and others go on", async () => {
  const world = await World.open();
  const { svc, schedules, errors } = await world.join();
  await schedules.set("bad", every("1m"), { topic: "bad" });
  await schedules.set("good", every("1m"), { topic: "good" });
  await world.note("bad", "definition", '{"when":{"type":"daily"}}');
  await schedules.start();
  for (let step = 0; step < 6; step++) await world.pass(MINUTE / 2);
  expect(await world.minutes("good")).toEqual([1, 2, 3]);
  expect(await svc.status(scheduleId("bad"))).toMatchObject({ state: "delayed" });
  expect(errors.length).toBeLessThan(5);
  expect(errors[0]).toMatchObject({ code: "PAYLOAD_INVALID" });
  expect((await schedules.list()).map(({ name }) => name)).toEqual(["good"]);
  await expectCode(schedules.get("bad"), "PAYLOAD_INVALID");
});

test.each([
  ["definition", "{"],
  ["definition", "null"],
  ["definition", '{"when":{"type":"daily","time":"09:00"},"timezone":"Mars/Olympus","template":{}}'],
  ["definition", '{"when":{"type":"daily","time":"09:00"},"timezone":"UTC","template":{"topic":7}}'],
  ["state", '{"handledTo":"now"}'],
])("a %s that says %s is refused with a code", async (key, text) => {
  const world = await World.open();
  const { schedules } = await world.join();
  await schedules.set("s", every("1m"), { topic: "topic" });
  await world.note("s", key, text);
  await expectCode(schedules.get("s"), "PAYLOAD_INVALID");
});

test("sets that race leave one of the definitions, and each instant once", async () => {
  const world = await World.open();
  const processes = [await world.join(), await world.join(), await world.join()];
  for (const { schedules } of processes) await schedules.start();
  for (let round = 0; round < 10; round++) {
    await Promise.all(
      processes.map(({ schedules }, index) =>
        schedules.set("s", every("1m"), { topic: "topic", payload: index, missed: "all" }),
      ),
    );
    await world.pass(MINUTE);
  }
  await world.pass(MINUTE);
  expect(await world.minutes()).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  expect(processes.flatMap(({ errors }) => errors)).toEqual([]);
});

test("edits of all kinds that race with due instants end as if they had come one after the other", async () => {
  const world = await World.open();
  const processes = [await world.join(), await world.join()];
  const [one, other] = processes;
  for (const { schedules } of processes) await schedules.start();
  await one?.schedules.set("s", every("1m"), { topic: "topic", missed: "all" });
  for (let round = 0; round < 10; round++) {
    world.clock.advance(MINUTE);
    await Promise.all([
      one?.schedules.pause("s"),
      other?.schedules.set("s", every("1m"), { topic: "topic", payload: round, missed: "all" }),
    ]);
    await one?.schedules.resume("s");
    await world.quiet();
  }
  expect(await world.minutes()).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
});

test("schedules move with their jobs from one store to another", async () => {
  const clock = new ManualClock(NOW);
  const before = memoryJobs({ clock });
  const svc = createService({ jobs: before, topics: memoryTopics() });
  await createSchedules(svc).set("s", every("1h"), { topic: "topic", payload: 7 });
  const lines: string[] = [];
  for await (const line of exportJobs(before)) lines.push(line);
  const jobs = memoryJobs({ clock });
  const topics = memoryTopics();
  await importJobs(compose(jobs, topics), lines);
  const moved = createService({ jobs, topics });
  const schedules = createSchedules(moved);
  expect(await schedules.list()).toMatchObject([{ name: "s", payload: 7, nextAt: NOW + HOUR }]);
  await schedules.start();
  await pass(clock, HOUR);
  expect(await moved.find({ topic: "topic" })).toHaveLength(1);
});

test.each(Object.keys(OPEN))("over %s a schedule lives through all that can be done with it", async (pair) => {
  const world = await World.open(pair);
  const { svc, schedules, errors } = await world.join();
  await schedules.start();
  const set = await schedules.set("s", cron("0 * * * *"), {
    topic: "topic",
    payload: { a: 1 },
    until: NOW + 9.5 * HOUR,
  });
  expect(await schedules.get("s")).toEqual(set);
  await world.pass(HOUR);
  await schedules.pause("s");
  expect(await schedules.list()).toMatchObject([{ name: "s", isPaused: true, lastAt: NOW + HOUR }]);
  await world.pass(2 * HOUR);
  await schedules.resume("s");
  await world.pass(HOUR);
  await schedules.set("s", every("90m"), { topic: "topic", payload: { a: 2 }, until: NOW + 9.5 * HOUR });
  for (let hour = 4; hour < 12; hour++) await world.pass(HOUR);
  expect(await world.minutes()).toEqual([60, 240, 270, 360, 450, 540]);
  expect((await schedules.get("s"))?.nextAt).toBeUndefined();
  expect(await svc.get(await schedules.trigger("s"))).toMatchObject({ payload: { a: 2 } });
  await schedules.remove("s");
  expect([await schedules.list(), errors]).toEqual([[], []]);
  await world.close();
});
