import { Deadline, ManualClock } from "@jobq/core";
import { expect, test } from "vitest";

test("a deadline that is hurried is over earlier, for those who wait for it already, and is never put off", () => {
  const clock = new ManualClock();
  const deadline = new Deadline(clock, 10_000);
  let rung = 0;
  deadline.onOver(() => {
    rung += 1;
  });
  const takenBack = deadline.onOver(() => {
    rung += 10;
  });
  takenBack();
  deadline.hurry(20_000);
  expect(deadline.leftMs).toBe(10_000);
  deadline.hurry(100);
  expect(deadline.leftMs).toBe(100);
  clock.advance(99);
  expect(rung).toBe(0);
  clock.advance(1);
  expect([rung, deadline.isOver]).toEqual([1, true]);
  clock.advance(20_000);
  expect(rung).toBe(1);
});
