import { ManualClock } from "@jobq/core";
import { describe, expect, test, vi } from "vitest";
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

  test("steps its wall clock back while no time passes, and rings nothing then", () => {
    const clock = new ManualClock(NOW);
    const ring = vi.fn();
    clock.alarm(NOW + 5, ring);
    for (const back of [() => clock.step(-60), () => clock.advance(-40)]) back();
    expect([clock.now(), clock.monotonic.elapsed()]).toEqual([NOW - 100, 0]);
    clock.advance(104);
    expect(ring).not.toHaveBeenCalled();
    clock.advance(1);
    expect(ring).toHaveBeenCalledOnce();
  });

  test("steps its wall clock ahead, and rings the alarms whose instant is reached, in order, but ends no duration", () => {
    const clock = new ManualClock(NOW);
    const rung: string[] = [];
    clock.alarm(NOW + 2000, () => rung.push("second"));
    clock.alarm(NOW + 1000, () => rung.push("first"));
    clock.monotonic.after(3000, () => rung.push("duration"));
    clock.step(3_600_000);
    expect(rung).toEqual(["first", "second"]);
    clock.advance(2999);
    expect(rung).toHaveLength(2);
    expect(clock.nextAlarmAt()).toBe(clock.now() + 1);
    clock.advance(1);
    expect(rung[2]).toBe("duration");
    expect([clock.now(), clock.monotonic.elapsed()]).toEqual([NOW + 3_603_000, 3000]);
  });

  test("measures durations, whatever its wall clock is set to meanwhile", () => {
    const clock = new ManualClock(NOW);
    const rung: number[] = [];
    clock.monotonic.after(20, () => rung.push(clock.monotonic.elapsed()));
    clock.alarm(NOW + 10, () => rung.push(clock.monotonic.elapsed()));
    clock.step(-5);
    clock.advance(30);
    expect(rung).toEqual([15, 20]);
  });
});
