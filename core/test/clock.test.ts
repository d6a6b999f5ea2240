import { ManualClock, systemClock } from "@jobq/core";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { NOW } from "./sample-job.ts";

describe("the manual clock", () => {
  test("stands still until it is told otherwise", () => {
    const clock = new ManualClock(NOW);
    clock.advance(1500);
    expect(clock.now()).toBe(NOW + 1500);
  });

  test("rings alarms once, earliest first, each at its own instant", () => {
    const clock = new ManualClock(NOW);
    const rung: [string, number][] = [];
    for (const [name, ms] of [
      ["c", 30],
      ["a", 10],
      ["b", 20],
      ["past", -5],
    ] as const)
      clock.alarm(NOW + ms, () => rung.push([name, clock.now() - NOW]));
    clock.advance(20);
    expect(rung).toEqual([
      ["past", 0],
      ["a", 10],
      ["b", 20],
    ]);
    clock.advance(0);
    clock.advance(100);
    expect(rung.slice(3)).toEqual([["c", 30]]);
    expect(clock.nextAlarmAt()).toBeUndefined();
  });

  test("rings overdue alarms in the order of their instants", () => {
    const clock = new ManualClock(NOW);
    const rung: number[] = [];
    for (const ms of [-1, -3, -2]) clock.alarm(NOW + ms, () => rung.push(ms));
    clock.advance(0);
    expect(rung).toEqual([-3, -2, -1]);
  });

  test("does not ring what was taken back, be it by an alarm of the same instant", () => {
    const clock = new ManualClock(NOW);
    const rung: string[] = [];
    const taken: (() => void)[] = [];
    clock.alarm(NOW + 5, () => {
      rung.push("first");
      for (const take of taken) take();
    });
    taken.push(clock.alarm(NOW + 5, () => rung.push("second")));
    clock.alarm(NOW + 6, () => rung.push("third"))();
    clock.advance(10);
    expect(rung).toEqual(["first"]);
  });

  test("rings alarms that are set while it advances, if they are reached", () => {
    const clock = new ManualClock(NOW);
    const rung: number[] = [];
    const again = (): void => {
      rung.push(clock.now() - NOW);
      clock.alarm(clock.now() + 10, again);
    };
    clock.alarm(NOW + 10, again);
    clock.advance(35);
    expect(rung).toEqual([10, 20, 30]);
    expect(clock.nextAlarmAt()).toBe(NOW + 40);
  });

  test("can step back, and rings nothing then", () => {
    const clock = new ManualClock(NOW);
    const ring = vi.fn();
    clock.alarm(NOW + 5, ring);
    clock.advance(-100);
    expect(clock.now()).toBe(NOW - 100);
    expect(ring).not.toHaveBeenCalled();
    clock.advance(105);
    expect(ring).toHaveBeenCalledOnce();
  });
});

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

  test("waits on when a timer fires before the wall clock gets there", () => {
    const ring = vi.fn();
    systemClock.alarm(NOW + 1000, ring);
    vi.setSystemTime(NOW - 500);
    vi.advanceTimersByTime(1000);
    expect(ring).not.toHaveBeenCalled();
    vi.advanceTimersByTime(500);
    expect(ring).toHaveBeenCalledOnce();
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
