import { testId } from "@jobq/conformance";
import type { JobHead } from "@jobq/core";
import { expect, it } from "vitest";
import { ClaimFloors } from "../src/claim-floors.ts";

const job = (number: number, weight = 0): JobHead =>
  ({ id: testId(number), topic: "t", weight, state: "ready" }) as JobHead;
const jobs = (from: number, count: number): JobHead[] => Array.from({ length: count }, (_, index) => job(from + index));

it("a topic is looked at from its beginning until many of its jobs were claimed here", () => {
  const floors = new ClaimFloors(() => 0);
  floors.claimed("t", jobs(0, 4_999), undefined);
  expect(floors.of("t")).toBeUndefined();
  floors.claimed("t", [job(5_000), job(4_999)], undefined);
  expect(floors.of("t")?.id).toBe(testId(5_000));
  expect(floors.of("other")).toBeUndefined();
});

it("every 100 ms a claim begins at the beginning", () => {
  let now = 0;
  const floors = new ClaimFloors(() => now);
  floors.claimed("t", jobs(0, 6_000), undefined);
  now = 99;
  const floor = floors.of("t");
  expect(floor?.id).toBe(testId(5_999));
  floors.claimed("t", jobs(6_000, 10), floor);
  expect(floors.of("t")?.id).toBe(testId(6_009));
  now = 100;
  expect(floors.of("t")).toBeUndefined();
  floors.claimed("t", jobs(6_010, 10), undefined);
  expect(floors.of("t")?.id).toBe(testId(6_019));
});

it("a job that became ready below it takes the floor away", () => {
  const floors = new ClaimFloors(() => 0);
  const busy = (): void => floors.claimed("t", jobs(0, 6_000), undefined);
  busy();
  floors.readied([job(7_000), { ...job(1), topic: "other" }]);
  expect(floors.of("t")?.id).toBe(testId(5_999));
  floors.readied([job(7_001, -1)]);
  expect(floors.of("t")).toBeUndefined();
  busy();
  floors.readied([job(1)]);
  expect(floors.of("t")).toBeUndefined();
});

it("a claim that found nothing from the floor on takes it away", () => {
  const floors = new ClaimFloors(() => 0);
  floors.claimed("t", jobs(0, 6_000), undefined);
  floors.claimed("t", [], floors.of("t"));
  expect(floors.of("t")).toBeUndefined();
});
