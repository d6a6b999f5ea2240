import { type Duration, durationMs } from "@jobq/core";
import { describe, expect, test } from "vitest";

describe("a duration", () => {
  test.each<[Duration, number]>([
    [0, 0],
    [1500, 1500],
    [1.4, 1],
    ["0s", 0],
    ["500ms", 500],
    ["30s", 30_000],
    ["5m", 300_000],
    ["2h", 7_200_000],
    ["7d", 604_800_000],
    ["1.5h", 5_400_000],
    ["0.25s", 250],
    ["36600d", 36_600 * 86_400_000],
  ])("%s is %i ms", (duration, ms) => {
    expect(durationMs(duration)).toBe(ms);
  });

  test.each([-1, -0.6, Number.NaN, Number.POSITIVE_INFINITY, "-5s", "36601d", "99999999999999999999d"])(
    "of %s is out of range, and the error names it",
    (duration) => {
      expect(() => durationMs(duration as Duration, "delay")).toThrow(RangeError);
      expect(() => durationMs(duration as Duration, "delay")).toThrow(new RegExp(`^delay .*${duration}`));
    },
  );

  test.each([
    "",
    "soon",
    "5",
    "5 s",
    " 5s",
    "5s ",
    "5S",
    "1e3s",
    ".5s",
    "5.s",
    "+5s",
    "1h30m",
    "5s\n",
    "٥s",
    null,
    undefined,
    true,
    5n,
    {},
    [],
    new Date(0),
  ])("is not %s: a type error", (duration) => {
    expect(() => durationMs(duration as Duration)).toThrow(TypeError);
  });

  test("names the argument and what was received", () => {
    expect(() => durationMs("soon" as Duration, "lease")).toThrow(/^lease .*"soon"/);
  });
});
