import { type Clock, ManualClock } from "@jobq/core";
import { expect, test } from "vitest";
import { Ticker } from "../src/time/ticker.ts";
import { DISK, NOW, settled } from "./harness.ts";

/** A ticker whose ticks end, and say what is next, when they are told to. */
function open(clock: Clock = new ManualClock(NOW)) {
  const ticks: {
    readonly at: number;
    readonly end: (next?: number) => void;
    readonly fail: (error: unknown) => void;
  }[] = [];
  const errors: unknown[] = [];
  const tick = (): Promise<number> =>
    new Promise((resolve, fail) => {
      ticks.push({ at: clock.now() - NOW, end: (next = Infinity) => resolve(next), fail });
    });
  return { ticks, errors, ticker: new Ticker(clock, tick, (error) => errors.push(error)) };
}

async function run(clock: ManualClock, ms: number): Promise<void> {
  clock.advance(ms);
  await settled();
}

test("nothing is armed when nothing is due", async () => {
  const clock = new ManualClock(NOW);
  const { ticks, ticker } = open(clock);
  expect(clock.nextAlarmAt()).toBeUndefined();
  void ticker.run();
  ticks[0]?.end();
  await settled();
  expect(clock.nextAlarmAt()).toBeUndefined();
});

test("one alarm is set, for the earliest instant", async () => {
  const clock = new ManualClock(NOW);
  const { ticks, ticker } = open(clock);
  for (const ms of [500, 300, 400]) ticker.arm(NOW + ms);
  expect(clock.nextAlarmAt()).toBe(NOW + 300);
  await run(clock, 300);
  expect(ticks.map(({ at }) => at)).toEqual([300]);
  ticks[0]?.end(NOW + 400);
  await settled();
  await run(clock, 1000);
  expect(ticks.map(({ at }) => at - 300)).toEqual([0, 1000]);
});

test("a tick that fails is reported and tried again in a second", async () => {
  const clock = new ManualClock(NOW);
  const { ticks, errors, ticker } = open(clock);
  ticker.arm(NOW + 10);
  await run(clock, 10);
  ticks[0]?.fail(DISK);
  await settled();
  expect(errors).toEqual([DISK]);
  expect(clock.nextAlarmAt()).toBe(NOW + 1010);
  await run(clock, 1000);
  expect(ticks).toHaveLength(2);
});

test("ticks do not overlap, and whoever asks meanwhile waits for the one under way", async () => {
  const { ticks, ticker } = open();
  const all = [ticker.run(), ticker.run(), ticker.runDue()];
  await settled();
  expect(ticks).toHaveLength(1);
  ticks[0]?.end();
  await Promise.all(all);
  expect(ticks).toHaveLength(1);
});

test("what falls due while a tick is under way gets a tick of its own", async () => {
  const clock = new ManualClock(NOW);
  const { ticks, ticker } = open(clock);
  void ticker.run();
  ticker.arm(NOW + 5);
  await run(clock, 5);
  ticks[0]?.end(undefined);
  await settled();
  expect(ticks).toHaveLength(2);
  ticks[1]?.end(NOW + 50);
  await settled();
  expect(clock.nextAlarmAt()).toBe(NOW + 50);
});

test("an alarm that rings before its clock is put back is set again", async () => {
  const clock = new ManualClock(NOW);
  const { ticks, ticker } = open(clock);
  void ticker.run();
  ticker.arm(NOW + 50);
  clock.advance(50);
  clock.advance(-30);
  ticks[0]?.end(undefined);
  await settled();
  expect(ticks).toHaveLength(1);
  expect(clock.nextAlarmAt()).toBe(NOW + 50);
  await run(clock, 30);
  expect(ticks).toHaveLength(2);
});

test("a caller runs a tick that is due, where no timer has fired, and none that is not", async () => {
  let now = NOW;
  const { ticks, ticker } = open({ now: () => now, alarm: () => () => {}, sync: async () => {} });
  ticker.arm(NOW + 5);
  await ticker.runDue();
  expect(ticks).toHaveLength(0);
  now += 5;
  const running = ticker.runDue();
  await settled();
  ticks[0]?.end();
  await running;
  await ticker.runDue();
  expect(ticks).toHaveLength(1);
});

test("a ticker that is stopped takes its alarm back and waits for the tick under way", async () => {
  const clock = new ManualClock(NOW);
  const { ticks, ticker } = open(clock);
  void ticker.run();
  ticker.arm(NOW + 5);
  let stopped = false;
  void ticker.stop().then(() => {
    stopped = true;
  });
  await settled();
  expect([clock.nextAlarmAt(), stopped]).toEqual([undefined, false]);
  ticks[0]?.end(NOW + 9);
  await settled();
  await ticker.run();
  ticker.arm(NOW + 9);
  expect([clock.nextAlarmAt(), stopped, ticks.length]).toEqual([undefined, true, 1]);
});
