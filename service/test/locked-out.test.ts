import { JobqError } from "@jobq/core";
import { expect, test } from "vitest";
import { expectCode, pass, reserveOne, rig, settled, type Wire } from "./harness.ts";

const LOCKED = new JobqError("STORE_LOCKED", "another tab has it open");
const METHODS = ["jobs.commit", "jobs.find", "jobs.get", "jobs.nextLeaseEndAt"].concat(
  ["topics.due", "topics.take", "topics.push", "topics.nextDueAt"], //
);

function lockOut(wire: Wire): void {
  for (const method of METHODS) wire.fail(method, { error: LOCKED, times: Infinity });
}

test("a service whose store somebody else has does not reach for it again until a call asks for it", async () => {
  const { svc, clock, wire, errors } = await rig();
  await svc.enqueue("topic", 1, { delay: "1m" });
  lockOut(wire);
  await pass(clock, 60_000); // what is due is looked for, once
  expect(errors).toEqual(["ticking: another tab has it open"]);
  wire.calls = [];
  await pass(clock, 3_600_000);
  await pass(clock, 3_600_000);
  expect(wire.calls).toEqual([]);
  await expectCode(svc.reserve("topic"), "STORE_LOCKED");
  wire.mend();
  await pass(clock, 3_600_000);
  const job = await reserveOne(svc);
  await job.retry({ delay: "1m" });
  await pass(clock, 60_000);
  await settled();
  expect((await svc.find({ state: "ready" })).map(({ id }) => id)).toEqual([job.id]); // by time, which goes on
});

test("nor does it to forget what ended long ago", async () => {
  const { svc, clock, wire } = await rig({ keep: { done: "1h" } });
  await import("../src/operating/index.ts"); // which the service loads in the background
  await settled();
  await svc.enqueue("topic", 1, { delay: "1m" });
  await pass(clock, 1);
  lockOut(wire);
  await pass(clock, 60_000);
  wire.calls = [];
  for (let hour = 0; hour < 3; hour++) await pass(clock, 3_600_000);
  expect(wire.calls).toEqual([]);
  wire.mend();
  await (await reserveOne(svc)).done();
  for (let hour = 0; hour < 3; hour++) await pass(clock, 3_600_000);
  for (let turn = 0; turn < 10; turn++) await settled();
  expect(await svc.find({})).toEqual([]);
});
