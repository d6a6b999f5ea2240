import { constant } from "@jobq/service/retry";
import fc from "fast-check";
import { expect, test } from "vitest";
import { STANDARD_RETRY } from "../src/input/retry-policy.ts";
import { retryDelayMs } from "../src/reserve/retry-delay.ts";
import { heldJob, NOW, rig, stored } from "./harness.ts";

const backoffMs = (attempt: number, min: number, max: number, random: () => number): number =>
  retryDelayMs({ ...STANDARD_RETRY, min, max }, attempt, random);

const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const attempt = fc.integer({ min: 1, max: 1_000_001 });
const range = fc
  .tuple(fc.integer({ min: 0, max: 3.2e12 }), fc.integer({ min: 0, max: 3.2e12 }))
  .map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);

test("a delay is whole and never outside its bounds, whatever the attempt", () => {
  fc.assert(
    fc.property(attempt, range, random, (number, [min, max], part) => {
      const ms = backoffMs(number, min, max, () => part);
      expect(Number.isSafeInteger(ms)).toBe(true);
      expect(ms).toBeGreaterThanOrEqual(min);
      expect(ms).toBeLessThanOrEqual(max);
    }),
    { numRuns: 2000 },
  );
});

test("a delay is constant when the bounds are equal", () => {
  for (const part of [0, 0.5, 0.999])
    for (const number of [1, 2, 99]) expect(backoffMs(number, 500, 500, () => part)).toBe(500);
});

test("delays double from the shortest to the longest", () => {
  const delays = Array.from({ length: 10 }, (_, at) => backoffMs(at + 1, 30_000, 3_600_000, () => 0));
  expect(delays.slice(0, 7)).toEqual([1, 2, 4, 8, 16, 32, 64].map((times) => times * 30_000));
  expect(delays.slice(7)).toEqual([2_880_000, 2_880_000, 2_880_000]);
});

test("a later attempt never waits less by the same draw", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60 }), range, random, (number, [min, max], part) => {
      const [now, next] = [number, number + 1].map((one) => backoffMs(one, min, max, () => part));
      expect(next).toBeGreaterThanOrEqual(now as number);
    }),
  );
});

test.each([1, 2, 5, 8, 50])(
  "a thousand jobs that failed together at attempt %i come back over a fifth of the delay",
  (number) => {
    let seed = 1;
    const draw = () => {
      seed = (seed * 16_807) % 2_147_483_647;
      return seed / 2_147_483_647;
    };
    const delays = Array.from({ length: 1000 }, () => backoffMs(number, 30_000, 3_600_000, draw));
    const [first, last] = [Math.min(...delays), Math.max(...delays)];
    expect((last - first) / last).toBeGreaterThan(0.19);
    const slots = new Set(delays.map((ms) => Math.floor(((ms - first) / (last - first)) * 9.99)));
    expect(slots.size).toBe(10);
  },
);

test("retries of a service are spread by its random numbers", async () => {
  const draws = [0, 0.999];
  const one = await rig({ random: () => draws.shift() as number });
  const delays: number[] = [];
  for (let turn = 0; turn < 2; turn++) {
    const job = await heldJob(one);
    await job.retry();
    delays.push(((await stored(one, job.id)).runAt as number) - NOW);
  }
  expect(delays).toEqual([30_000, 37_493]);
});

test("a constant delay whose spread means nothing is refused by the name of that", () => {
  expect(() => constant("1s", { jitter: -1 })).toThrow(/jitter.*got -1$/);
  expect(() => constant("1s", { jitter: Number.NaN })).toThrow(/jitter.*got NaN$/);
});
