import { ManualClock, offsetClock } from "@jobq/core";
import { describe, expect, test } from "vitest";
import { NOW } from "./sample-job.ts";

const HOUR = 3_600_000;

/** A store whose time is `aheadMs` ahead of when the local clock was right, and answers after `tookMs`. */
function open({ aheadMs = 7_000, tookMs = 0 } = {}) {
  const local = new ManualClock(NOW);
  const store = { aheadMs, tookMs: [] as number[], asked: 0, broken: false };
  const clock = offsetClock(async () => {
    store.asked++;
    const took = store.tookMs.shift() ?? tookMs;
    local.advance(took / 2);
    const answer = NOW + local.monotonic.elapsed() + store.aheadMs;
    local.advance(took / 2);
    if (store.broken) throw new Error("away");
    return answer;
  }, local);
  const storeTime = (): number => NOW + local.monotonic.elapsed() + store.aheadMs;
  return { local, clock, store, storeTime };
}

/** Lets what waits for promises go on. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("the store's time", () => {
  test("is the local time until the store was asked, then the store's", async () => {
    const { clock, storeTime } = open({ tookMs: 10 });
    expect(clock.now()).toBe(NOW);
    await clock.sync();
    expect(clock.now()).toBe(storeTime());
  });

  test.each([HOUR, -60_000])("does not move when the local wall clock is set by %i ms", async (ms) => {
    const { local, clock, storeTime } = open();
    await clock.sync();
    local.step(ms);
    expect(clock.now()).toBe(storeTime());
    local.advance(5_000);
    await clock.sync();
    expect(clock.now()).toBe(storeTime());
  });

  test("is asked for again after ten seconds, not before, by calls that share the answer", async () => {
    const { local, clock, store, storeTime } = open();
    await Promise.all([clock.sync(), clock.sync(), clock.sync()]);
    local.advance(9_999);
    expect([clock.sync(), store.asked]).toEqual([undefined, 1]);
    store.aheadMs += 500; // the store's own clock was set
    local.advance(1);
    await Promise.all([clock.sync(), clock.sync()]);
    expect([clock.now(), store.asked]).toEqual([storeTime(), 2]);
  });

  test("is asked for at once when the machine has slept: its wall clock went on while the other stood still", async () => {
    const { local, clock, store, storeTime } = open();
    await clock.sync();
    local.step(HOUR);
    store.aheadMs += HOUR;
    await clock.sync();
    expect([clock.now(), store.asked]).toEqual([storeTime(), 2]);
    expect(clock.sync()).toBeUndefined();
  });

  test("is asked for up to three times while answers are slow, and the quickest counts", async () => {
    const { clock, store, storeTime } = open();
    store.tookMs.push(400, 2, 300);
    await clock.sync();
    expect(store.asked).toBe(2);
    expect(Math.abs(clock.now() - storeTime())).toBeLessThanOrEqual(1);
  });

  test("stays as exact as it was by a slower answer that says nothing against it", async () => {
    const local = new ManualClock(NOW);
    const answers = [7_000, 10_000 + 7_060];
    const clock = offsetClock(async () => {
      local.advance(answers.length === 1 ? 200 : 0);
      return NOW + (answers.shift() ?? 0);
    }, local);
    await clock.sync();
    local.advance(10_000);
    await clock.sync();
    expect([answers.length, clock.now()]).toEqual([0, NOW + 10_200 + 7_000]);
  });

  test.each([undefined, Number.NaN, "2026-01-01"])("that is told as %s is refused", async (answer) => {
    await expect(offsetClock(async () => answer as never).sync()).rejects.toThrow(TypeError);
  });

  test("that cannot be asked for fails the call, and the next one asks again", async () => {
    const { clock, store, storeTime } = open();
    store.broken = true;
    await expect(clock.sync()).rejects.toThrow("away");
    store.broken = false;
    await clock.sync();
    expect(clock.now()).toBe(storeTime());
  });
});

describe("an alarm by the store's time", () => {
  test("rings when that has come, whatever the local wall clock is set to, and asks nobody", async () => {
    const { local, clock, store } = open();
    await clock.sync();
    const rings: number[] = [];
    const at = clock.now() + HOUR;
    clock.alarm(at, () => rings.push(clock.now()));
    local.step(-HOUR);
    local.advance(HOUR - 1);
    expect(rings).toEqual([]);
    local.advance(1);
    local.advance(HOUR);
    expect([rings, store.asked, local.nextAlarmAt()]).toEqual([[at], 1, undefined]);
  });

  test("rings soon after the machine has slept past it", async () => {
    const { local, clock, store } = open();
    await clock.sync();
    const rings: number[] = [];
    clock.alarm(clock.now() + HOUR, () => rings.push(clock.now()));
    local.advance(1_000);
    local.step(2 * HOUR);
    store.aheadMs += 2 * HOUR;
    for (let second = 0; second < 5; second++) {
      local.advance(1_000);
      await settled();
    }
    expect(rings).toHaveLength(1);
  });

  test("waits on when the wall clock was set ahead and the store says that no time has passed", async () => {
    const { local, clock, store } = open();
    await clock.sync();
    const rings: number[] = [];
    const at = clock.now() + HOUR;
    clock.alarm(at, () => rings.push(clock.now()));
    local.step(2 * HOUR);
    for (let minute = 0; minute < 59; minute++) {
      local.advance(60_000);
      await settled();
    }
    expect([rings, store.asked]).toEqual([[], 2]);
    local.advance(60_000);
    expect(rings).toEqual([at]);
  });

  test("goes by the time that a later measurement tells", async () => {
    const { local, clock, store } = open();
    await clock.sync();
    const rings: number[] = [];
    const at = clock.now() + 20_000;
    clock.alarm(at, () => rings.push(clock.now()));
    local.advance(10_000);
    store.aheadMs -= 5_000;
    await clock.sync();
    local.advance(14_999);
    expect(rings).toEqual([]);
    local.advance(1);
    expect(rings).toEqual([at]);
  });

  test("asks again at its next look when the store was away as the machine woke", async () => {
    const { local, clock, store } = open();
    await clock.sync();
    const rings: number[] = [];
    clock.alarm(clock.now() + HOUR, () => rings.push(clock.now()));
    local.step(2 * HOUR);
    store.aheadMs += 2 * HOUR;
    store.broken = true;
    local.advance(5_000);
    await settled();
    expect(rings).toEqual([]);
    store.broken = false;
    local.advance(5_000);
    await settled();
    expect(rings).toHaveLength(1);
  });

  test("that is taken back does not ring, be it while the store is asked, and leaves no alarm behind", async () => {
    const { local, clock } = open();
    await clock.sync();
    const rings: number[] = [];
    const take = clock.alarm(clock.now() + 1_000, () => rings.push(1));
    const other = clock.alarm(clock.now() + HOUR, () => rings.push(2));
    take();
    local.step(2 * HOUR);
    local.advance(4_000);
    other();
    await settled();
    expect([rings, local.nextAlarmAt()]).toEqual([[], undefined]);
  });
});
