import { type Clock, Deadline, ManualClock, monotonicOf, systemClock } from "@jobq/core";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { NOW } from "./sample-job.ts";

describe("the process's monotonic clock", () => {
  beforeEach(() => void vi.useFakeTimers({ now: NOW }));
  afterEach(() => void vi.useRealTimers());

  test("goes with every clock that has none of its own", () => {
    const plain: Clock = { now: () => NOW, alarm: () => () => {}, sync: () => undefined };
    expect(monotonicOf(plain)).toBe(monotonicOf(systemClock));
    const manual = new ManualClock();
    expect(monotonicOf(manual)).toBe(manual.monotonic);
  });

  test.each([0, 1, 1000, 2 ** 31, 60 * 86_400_000])("rings once when %i ms have passed, not within the call", (ms) => {
    const ring = vi.fn();
    monotonicOf(systemClock).after(ms, ring);
    if (ms > 0) vi.advanceTimersByTime(ms - 1);
    expect(ring).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(ring).toHaveBeenCalledOnce();
    expect(vi.getTimerCount()).toBe(0);
  });

  test("leaves no timer behind when it is taken back", () => {
    const ring = vi.fn();
    const take = monotonicOf(systemClock).after(2 ** 31 + 5, ring);
    vi.advanceTimersByTime(2 ** 31);
    take();
    expect(vi.getTimerCount()).toBe(0);
  });

  test("waits on when a timer fires a little early", () => {
    const ring = vi.fn();
    const reading = vi.spyOn(performance, "now");
    reading.mockReturnValueOnce(100).mockReturnValueOnce(100).mockReturnValueOnce(109.6).mockReturnValueOnce(109.6);
    monotonicOf(systemClock).after(10, ring);
    reading.mockReturnValue(110);
    vi.advanceTimersByTime(10);
    expect(ring).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(ring).toHaveBeenCalledOnce();
    reading.mockRestore();
  });

  test("lets the process end while it waits in the background, and holds it otherwise", () => {
    vi.useRealTimers();
    const spy = vi.spyOn(globalThis, "setTimeout");
    const { after } = monotonicOf(systemClock);
    const take = [after(60_000, () => {}, true), after(60_000, () => {})];
    const timers = spy.mock.results.map(({ value }) => value as ReturnType<typeof setTimeout>);
    expect(timers.map((timer) => timer.hasRef())).toEqual([false, true]);
    for (const undo of take) undo();
    spy.mockRestore();
  });
});

describe("a deadline", () => {
  test("is over when its time has passed, whatever the wall clock is set to", () => {
    const clock = new ManualClock();
    const deadline = new Deadline(clock, 1000);
    const ring = vi.fn();
    deadline.onOver(ring);
    clock.step(3_600_000);
    clock.advance(999);
    clock.step(-7_200_000);
    expect([deadline.isOver, deadline.leftMs, ring.mock.calls.length]).toEqual([false, 1, 0]);
    clock.advance(1);
    clock.advance(1000);
    expect([deadline.isOver, deadline.leftMs, ring.mock.calls.length]).toEqual([true, 0, 1]);
  });

  test("of no time is over at once, and still rings", () => {
    const clock = new ManualClock();
    const deadline = new Deadline(clock, 0);
    const ring = vi.fn();
    deadline.onOver(ring);
    expect([deadline.isOver, ring.mock.calls.length]).toEqual([true, 0]);
    clock.advance(0);
    expect(ring).toHaveBeenCalledOnce();
  });

  test("without an end sets no alarm", () => {
    const clock = new ManualClock();
    const deadline = new Deadline(clock, Infinity);
    deadline.onOver(() => {})();
    clock.advance(1e12);
    expect([deadline.isOver, deadline.leftMs, clock.nextAlarmAt()]).toEqual([false, Infinity, undefined]);
  });

  test("does not ring once that is taken back", () => {
    const clock = new ManualClock();
    const ring = vi.fn();
    new Deadline(clock, 10).onOver(ring)();
    clock.advance(10);
    expect([ring.mock.calls.length, clock.nextAlarmAt()]).toEqual([0, undefined]);
  });
});
