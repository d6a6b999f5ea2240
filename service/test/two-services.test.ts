import { ManualClock } from "@jobq/core";
import { memoryJobs } from "@jobq/job-memory";
import { memoryTopics } from "@jobq/pq-memory";
import { expect, test } from "vitest";
import { expectCode, expectEntriesInLine, NOW, pass, reserveOne, rig } from "./harness.ts";

/** Two services on the same stores, as two processes have them. */
async function two() {
  const clock = new ManualClock(NOW);
  const stores = { clock, jobs: memoryJobs({ clock }), topics: memoryTopics(), shared: true };
  return { one: await rig(stores), other: await rig(stores) };
}

test("no job is held twice however two services race for it, and none is left", async () => {
  const { one, other } = await two();
  await one.svc.enqueueMany(Array.from({ length: 500 }, (_, payload) => ({ topic: "topic", payload })));
  const calls = Array.from({ length: 100 }, (_, at) => (at % 2 ? one : other).svc.reserve("topic", 7));
  const held = (await Promise.all(calls)).flat();
  expect([held.length, new Set(held.map(({ id }) => id)).size]).toEqual([500, 500]);
  await Promise.all(held.map((job) => job.done()));
  expect(await other.svc.tally()).toEqual([{ topic: "topic", state: "done", count: 500 }]);
});

test("one unique key is held by one job however two services race for it", async () => {
  const { one, other } = await two();
  const calls = Array.from({ length: 100 }, (_, at) =>
    (at % 2 ? one : other).svc.enqueue("topic", at, { unique: "k" }),
  );
  expect(new Set(await Promise.all(calls)).size).toBe(1);
  await expectEntriesInLine(one);
});

test("a holder learns from its next word that another process canceled its job", async () => {
  const { one, other } = await two();
  await one.svc.enqueue("topic", 1);
  const job = await reserveOne(one.svc);
  const { signal } = job;
  await other.svc.cancel(job.id);
  await expectCode(job.extend(), "LEASE_LOST");
  expect(signal.reason).toMatchObject({ code: "LEASE_LOST", details: { state: "canceled" } });
});

test("a service that takes a job again, which another gave up for it, tells the first of its two holders", async () => {
  const { one, other } = await two();
  await one.svc.enqueue("topic", 1, { timeout: "1s" });
  const first = await reserveOne(one.svc);
  const { signal } = first;
  await pass(one.clock, 1000);
  await other.svc.reserve("none");
  const second = await reserveOne(one.svc);
  expect([second.id, second.token, signal.aborted]).toEqual([first.id, 2, true]);
  await expectCode(first.done(), "LEASE_LOST");
  await second.done();
});

test("a job that one service gives back is there for the other", async () => {
  const { one, other } = await two();
  await one.svc.enqueue("topic", 1);
  const job = await reserveOne(one.svc);
  await job.release();
  const waiting = other.svc.reserve("topic", 1, { wait: "1m" });
  expect(await waiting).toMatchObject([{ id: job.id, attempt: 1, token: 2 }]);
});
