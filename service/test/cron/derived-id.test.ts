import { expect, test } from "vitest";
import { occurrenceId, scheduleId } from "../../src/cron/occurrence/derived-id.ts";

const AT = Date.UTC(2026, 0, 1);

test("an id is the same whenever it is derived, and a UUIDv7 of its instant", () => {
  expect(occurrenceId("report", AT)).toBe(occurrenceId("report", AT));
  expect(occurrenceId("report", AT)).toMatch(/^019b76da-a800-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

test("ids of one schedule sort by their instants", () => {
  const ids = [0, 1, 1000, 86_400_000].map((ms) => occurrenceId("report", AT + ms));
  expect([...ids].sort()).toEqual(ids);
});

test("no two of 20,000 schedules with similar names have the same id", () => {
  const names = Array.from({ length: 10_000 }, (_, index) => [`s${index}`, `tenant-${index}/report`]).flat();
  expect(new Set(names.map((name) => occurrenceId(name, AT))).size).toBe(names.length);
  expect(new Set(names.map(scheduleId)).size).toBe(names.length);
});
