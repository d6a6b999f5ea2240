import { testId } from "@jobq/conformance";
import type { JobHead } from "@jobq/core";
import { expect, it } from "vitest";
import { ClaimCursors } from "../src/claim/claim-cursors.ts";

const job = (number: number, weight = 0): JobHead =>
  ({ id: testId(number), topic: "t", weight, state: "ready" }) as JobHead;
const jobs = (from: number, count: number): JobHead[] => Array.from({ length: count }, (_, index) => job(from + index));

it("a topic is looked at from its beginning until many of its jobs were claimed here", () => {
  const cursors = new ClaimCursors(() => 0);
  cursors.claimed("t", jobs(0, 4_999), undefined);
  expect(cursors.of("t")).toBeUndefined();
  cursors.claimed("t", [job(5_000), job(4_999)], undefined);
  expect(cursors.of("t")?.id).toBe(testId(5_000));
  expect(cursors.of("other")).toBeUndefined();
});

it("every 100 ms a claim begins at the beginning", () => {
  let now = 0;
  const cursors = new ClaimCursors(() => now);
  cursors.claimed("t", jobs(0, 6_000), undefined);
  now = 99;
  const cursor = cursors.of("t");
  expect(cursor?.id).toBe(testId(5_999));
  cursors.claimed("t", jobs(6_000, 10), cursor);
  expect(cursors.of("t")?.id).toBe(testId(6_009));
  now = 100;
  expect(cursors.of("t")).toBeUndefined();
  cursors.claimed("t", jobs(6_010, 10), undefined);
  expect(cursors.of("t")?.id).toBe(testId(6_019));
});

it("a job that became ready below it takes the cursor away", () => {
  const cursors = new ClaimCursors(() => 0);
  const busy = (): void => cursors.claimed("t", jobs(0, 6_000), undefined);
  busy();
  cursors.readied([job(7_000), { ...job(1), topic: "other" }]);
  expect(cursors.of("t")?.id).toBe(testId(5_999));
  cursors.readied([job(7_001, -1)]);
  expect(cursors.of("t")).toBeUndefined();
  busy();
  cursors.readied([job(1)]);
  expect(cursors.of("t")).toBeUndefined();
});

it("a claim that found nothing from the cursor on takes it away", () => {
  const cursors = new ClaimCursors(() => 0);
  cursors.claimed("t", jobs(0, 6_000), undefined);
  cursors.claimed("t", [], cursors.of("t"));
  expect(cursors.of("t")).toBeUndefined();
});

it("of topics that are ever new ones only the latest are remembered", () => {
  const cursors = new ClaimCursors(() => 0);
  cursors.claimed("t", jobs(0, 6_000), undefined);
  for (let topic = 0; topic < 10_000; topic++) cursors.claimed(`${topic}`, [job(1)], undefined);
  expect(cursors.of("t")).toBeUndefined();
});
