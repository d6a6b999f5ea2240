import { createSystemClock, systemClock } from "@jobq/core";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { NOW } from "./sample-job.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

describe("the system clock", () => {
  beforeEach(() => void vi.useFakeTimers({ now: NOW }));
  afterEach(() => void vi.useRealTimers());

  test("tells the process's time", async () => {
    await systemClock.sync();
    expect(systemClock.now()).toBe(NOW);
  });

  test("rings an alarm once its instant is reached, not before", () => {
    const ring = vi.fn();
    systemClock.alarm(NOW + 1000, ring);
    vi.advanceTimersByTime(999);
    expect(ring).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    vi.advanceTimersByTime(10_000);
    expect(ring).toHaveBeenCalledOnce();
  });

  test("rings an alarm of the past soon, but not at once", () => {
    const ring = vi.fn();
    systemClock.alarm(NOW - 1000, ring);
    expect(ring).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(ring).toHaveBeenCalledOnce();
  });

  test.each([2 ** 31, 60 * 86_400_000])("rings an alarm in %i ms, longer than a timer can take", (ms) => {
    const ring = vi.fn();
    systemClock.alarm(NOW + ms, ring);
    vi.advanceTimersByTime(ms - 1);
    expect(ring).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(ring).toHaveBeenCalledOnce();
    expect(vi.getTimerCount()).toBe(0);
  });

  test("leaves no timer behind when an alarm is taken back, before or after it was armed anew", () => {
    const ring = vi.fn();
    const ms = 2 ** 31 + 1000;
    systemClock.alarm(NOW + ms, ring)();
    const take = systemClock.alarm(NOW + ms, ring);
    vi.advanceTimersByTime(2 ** 31);
    take();
    expect(vi.getTimerCount()).toBe(0);
    vi.advanceTimersByTime(ms);
    expect(ring).not.toHaveBeenCalled();
  });

  test("lets the process end while an alarm in the background is set, and holds it for any other", () => {
    vi.useRealTimers();
    const timers: ReturnType<typeof setTimeout>[] = [];
    const spy = vi.spyOn(globalThis, "setTimeout");
    const far = Date.now() + 60_000;
    const take = [systemClock.alarm(far, () => {}, true), systemClock.alarm(far, () => {})];
    timers.push(...spy.mock.results.map(({ value }) => value as ReturnType<typeof setTimeout>));
    expect(timers.map((timer) => timer.hasRef())).toEqual([false, true]);
    for (const undo of take) undo();
    spy.mockRestore();
  });
});

/** A clock of its own under fake timers, whose wall clock `set` moves while no time passes. */
function open() {
  const clock = createSystemClock();
  const set = (ms: number): unknown => vi.setSystemTime(Date.now() + ms);
  /** How long an alarm in `ms` takes while `meanwhile` is done to the clock. */
  const timeOf = (ms: number, meanwhile: () => void): number => {
    const start = performance.now();
    let rangAfter = Number.NaN;
    clock.alarm(clock.now() + ms, () => {
      rangAfter = performance.now() - start;
    });
    meanwhile();
    for (let turn = 0; turn < 1_000 && Number.isNaN(rangAfter); turn++) vi.advanceTimersToNextTimer();
    return rangAfter;
  };
  return { clock, set, timeOf };
}

describe("the system clock when the wall clock is set", () => {
  beforeEach(() => void vi.useFakeTimers({ now: NOW }));
  afterEach(() => void vi.useRealTimers());

  test.each([-500, -10_000, -HOUR])("by %i ms rings an alarm of the next second when it would have", (ms) => {
    const { set, timeOf, clock } = open();
    expect(timeOf(1000, () => set(ms))).toBe(1000);
    expect(clock.now()).toBe(NOW + 1000);
  });

  test("back does not go back itself, but on a tenth slower until the wall clock has caught up", () => {
    const { clock, set } = open();
    expect(clock.now()).toBe(NOW);
    set(-10_000);
    const readings: number[] = [];
    for (let turn = 0; turn <= 6; turn++) {
      readings.push(clock.now() - NOW);
      vi.advanceTimersByTime(20_000);
    }
    expect(readings).toEqual([0, 18_000, 36_000, 54_000, 72_000, 90_000, 110_000]);
    expect(clock.now()).toBe(Date.now());
  });

  test("back lengthens an alarm that is far off by a ninth at most", () => {
    const { set, timeOf } = open();
    const took = timeOf(60_000, () => set(-HOUR));
    expect(took).toBeGreaterThanOrEqual(60_000);
    expect(took).toBeLessThanOrEqual(67_000);
  });

  test("back by more than a day follows, since such a clock was wrong for good", () => {
    const { clock, set } = open();
    clock.now();
    set(-DAY - 1000);
    expect(clock.now()).toBe(NOW - DAY - 1000);
  });

  test("back, after which nothing was read until it had caught up, is noticed by an alarm all the same", () => {
    const { set, timeOf } = open();
    const took = timeOf(60_000, () => {
      vi.advanceTimersByTime(30_000);
      set(-20_000);
    });
    expect(took).toBeLessThanOrEqual(64_000);
  });

  test("ahead rings within a second what falls due by it", () => {
    const { set, timeOf } = open();
    expect(timeOf(600_000, () => set(HOUR))).toBeLessThanOrEqual(1000);
  });

  test("ahead by days, as after a sleep of the machine, rings within a minute what was days off", () => {
    const { set, timeOf } = open();
    expect(timeOf(60 * DAY, () => set(60 * DAY))).toBeLessThanOrEqual(60_000);
  });

  test("back before it was made is nothing to it", () => {
    const { clock, set } = open();
    clock.now();
    set(-HOUR);
    expect(clock.now()).toBe(NOW);
    expect(createSystemClock().now()).toBe(NOW - HOUR);
  });

  test("back and put right again is in line at once", () => {
    const { clock, set } = open();
    clock.now();
    set(-10_000);
    clock.now();
    set(10_000);
    vi.advanceTimersByTime(500);
    expect(clock.now()).toBe(Date.now());
  });

  test("ends no duration early and none late", () => {
    const { clock, set } = open();
    const ring = vi.fn();
    clock.monotonic?.after(1000, ring);
    set(HOUR);
    vi.advanceTimersByTime(999);
    expect(ring).not.toHaveBeenCalled();
    set(-2 * HOUR);
    vi.advanceTimersByTime(1);
    expect(ring).toHaveBeenCalledOnce();
  });

  test("is not taken to be set by a drift of a thousandth", () => {
    const { clock, set } = open();
    clock.alarm(NOW + HOUR, () => {});
    for (let minute = 0; minute < 50; minute++) {
      vi.advanceTimersByTime(60_000);
      set(-50);
    }
    expect(clock.now()).toBe(Date.now());
  });
});
