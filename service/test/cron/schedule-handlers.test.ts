import { every, type OccurrenceContext } from "@jobq/service/cron";
import { NoRetry } from "@jobq/service/retry";
import { expect, test } from "vitest";
import { NOW } from "../harness.ts";
import { HOUR, MINUTE, World } from "./scheduled.ts";

/** A promise that is settled from outside. */
function gate() {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

test("a handler that is given in place runs with the payload and the instant, and what it returns is the result", async () => {
  const world = await World.open();
  const { svc, schedules } = await world.join();
  const seen: unknown[] = [];
  const run = async (payload: { to: string }, context: OccurrenceContext) => {
    seen.push(payload, context.instantAt, context.attempt);
    await context.progress(0.5, "half");
    await context.log("sent");
    return { sent: 1 };
  };
  await schedules.start();
  await schedules.set("mail", every("1h"), { run, payload: { to: "ada" } });
  await world.pass(HOUR);
  expect(seen).toEqual([{ to: "ada" }, NOW + HOUR, 1]);
  const [head] = await svc.find({ topic: "jobq:schedule:mail" });
  expect(await svc.get(head?.id ?? "")).toMatchObject({ state: "done", result: { sent: 1 }, progress: { value: 0.5 } });
  expect(await svc.logs(head?.id ?? "")).toMatchObject([{ line: "sent" }]);
  await schedules.trigger("mail");
  await world.quiet();
  expect(seen.slice(3)).toEqual([{ to: "ada" }, undefined, 1]);
});

test("a handler that throws is tried again", async () => {
  const world = await World.open();
  const { svc, schedules, errors } = await world.join();
  const attempts: number[] = [];
  const run = (_: unknown, { attempt }: OccurrenceContext) => {
    attempts.push(attempt);
    if (attempt === 1) throw new Error("no route to host");
  };
  await schedules.set("s", every("1h"), { run, options: { backoff: { min: "1m", max: "1m" } } });
  await schedules.start();
  await world.pass(HOUR);
  expect(await svc.find({ topic: "jobq:schedule:s" })).toMatchObject([
    { state: "delayed", error: expect.stringContaining("no route to host") },
  ]);
  await world.pass(2 * MINUTE);
  expect([attempts, errors]).toEqual([[1, 2], []]);
});

test("a handler that takes long keeps its job, and the next one waits for it", async () => {
  const world = await World.open();
  const { schedules, errors } = await world.join();
  const { open, opened } = gate();
  const began: (number | undefined)[] = [];
  const run = async (_: unknown, { instantAt, signal }: OccurrenceContext) => {
    began.push(instantAt);
    await opened;
    return signal.aborted;
  };
  await schedules.set("s", every("1h"), { run });
  await schedules.start();
  for (let minute = 0; minute < 150; minute++) await world.pass(MINUTE / 3);
  for (let step = 0; step < 300; step++) await world.pass(10_000);
  expect([began, errors]).toEqual([[NOW + HOUR], []]);
  open();
  await world.quiet();
  await world.pass(HOUR);
  expect(began.slice(1)).toEqual([NOW + 2 * HOUR]);
});

test("a handler hears that its job was canceled", async () => {
  const world = await World.open();
  const { svc, schedules } = await world.join();
  const { open, opened } = gate();
  let aborted = false;
  const run = async (_: unknown, { signal }: OccurrenceContext) => {
    signal.addEventListener("abort", () => {
      aborted = true;
    });
    await opened;
  };
  await schedules.set("s", every("1h"), { run });
  await schedules.start();
  const id = await schedules.trigger("s");
  await world.quiet();
  await svc.cancel(id);
  await world.quiet();
  expect(aborted).toBe(true);
  open();
  await world.quiet();
  expect(await svc.status(id)).toMatchObject({ state: "canceled" });
});

test("stop waits for the handler that runs, and no other begins", async () => {
  const world = await World.open();
  const { svc, schedules } = await world.join();
  const { open, opened } = gate();
  await schedules.set("s", every("1h"), { run: () => opened });
  await schedules.start();
  const [first, second] = [await schedules.trigger("s"), await schedules.trigger("s")];
  await world.quiet();
  const stopped = schedules.stop();
  open();
  await stopped;
  expect((await svc.status(first))?.state).toBe("done");
  expect((await svc.status(second))?.state).toBe("ready");
});

test("a process without the handler leaves its jobs to those that have it", async () => {
  const world = await World.open();
  const one = await world.join();
  const other = await world.join();
  let runs = 0;
  await one.schedules.set("s", every("1h"), { run: () => void runs++ });
  await other.schedules.start();
  await world.pass(2 * HOUR);
  expect(runs).toBe(0);
  await one.schedules.start();
  await world.quiet();
  expect(runs).toBe(1);
});

test("the handler that was set last is the one that runs", async () => {
  const world = await World.open();
  const { schedules } = await world.join();
  const seen: string[] = [];
  await schedules.start();
  for (const version of ["old", "new"]) await schedules.set("s", every("1h"), { run: () => void seen.push(version) });
  await world.pass(HOUR);
  expect(seen).toEqual(["new"]);
});

test("a handler may give up, and one that outlives the stop is told and its job given back", async () => {
  const world = await World.open();
  const { svc, schedules } = await world.join();
  const { open, opened } = gate();
  const reasons: unknown[] = [];
  const run = async (_: unknown, { attempt, signal }: OccurrenceContext) => {
    if (attempt === 1 && reasons.length > 0) throw new NoRetry("not wanted");
    signal.addEventListener("abort", () => reasons.push(signal.reason));
    await opened;
  };
  await schedules.set("s", every("1h"), { run });
  await schedules.start();
  const id = await schedules.trigger("s");
  await world.quiet();
  const stopped = schedules.stop({ deadline: "1s" });
  await world.quiet();
  await world.pass(1_000);
  await stopped;
  expect(reasons).toMatchObject([{ code: "CLOSED" }]);
  expect(await svc.status(id)).toMatchObject({ state: "ready", attempt: 0 });
  open();
  await schedules.start();
  await world.quiet();
  expect(await svc.status(id)).toMatchObject({ state: "canceled", reason: "rejected" });
  await expect(schedules.stop({ deadline: "soon" as never })).rejects.toThrow(TypeError);
});
