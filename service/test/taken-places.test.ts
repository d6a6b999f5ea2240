import { describe, expect, test } from "vitest";
import {
  NO_PLACES,
  nextFreeAt,
  readPlaces,
  type TakenPlaces,
  takenWithin,
  withTaken,
} from "../src/worker/rate/taken-places.ts";

const NOW = Date.UTC(2026, 0, 1);

/** Numbers from 0 up to 1, the same for the same seed. */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

describe("places that are taken", () => {
  test.each([1, 2, 3, 4, 5])("are never more than allowed in any span, whenever they are taken (seed %i)", (seed) => {
    const roll = dice(seed);
    const [max, perMs] = [1 + Math.floor(roll() * 20), 1 + Math.floor(roll() * 5000)];
    const taken: number[] = [];
    let places = NO_PLACES;
    for (let now = NOW; taken.length < 300; now += Math.floor((roll() * perMs) / 5) + 1) {
      const count = Math.min(max - takenWithin(places, perMs, now), Math.floor(roll() * max) + 1);
      if (count <= 0) continue;
      places = withTaken(places, count, perMs, now);
      for (let n = 0; n < count; n++) taken.push(now);
    }
    for (const from of taken) {
      expect(taken.filter((at) => at >= from && at < from + perMs).length).toBeLessThanOrEqual(max);
    }
  });

  test("are kept as few numbers, however many they are", () => {
    let places = NO_PLACES;
    for (let ms = 0; ms < 20_000; ms++) places = withTaken(places, 1, 10_000, NOW + ms);
    expect(places.taken.length).toBeLessThanOrEqual(101);
    expect(takenWithin(places, 10_000, NOW + 20_000)).toBeGreaterThanOrEqual(9_999);
  });

  test("are free one after the other", () => {
    const places = withTaken(withTaken(NO_PLACES, 2, 1000, NOW), 1, 1000, NOW + 500);
    expect(nextFreeAt(places, 4, 1000, NOW + 500)).toBe(NOW + 500);
    expect(nextFreeAt(places, 3, 1000, NOW + 500)).toBe(NOW + 1000);
    expect(nextFreeAt(places, 1, 1000, NOW + 500)).toBe(NOW + 1500);
  });

  test("are kept for the longest span of those who share them", () => {
    const long = withTaken(NO_PLACES, 5, 60_000, NOW);
    const short = withTaken(long, 1, 1000, NOW + 30_000);
    expect(takenWithin(short, 1000, NOW + 30_000)).toBe(1);
    expect(takenWithin(short, 60_000, NOW + 30_000)).toBe(6);
    const later = withTaken(short, 1, 1000, NOW + 100_000);
    expect(later).toEqual({ keptMs: 1000, taken: [[NOW + 100_000, 1]] });
  });

  test.each([
    "",
    "null",
    "5",
    "{}",
    '{"keptMs":1,"taken":5}',
    '{"keptMs":1,"taken":[["a",1]]}',
    '{"keptMs":1,"taken":[[]]}',
    '{"keptMs":1,"taken":[[1,-1]]}',
    '{"keptMs":"x","taken":[]}',
  ])("are not read from %j", (text) => {
    expect(() => readPlaces("mailer", text)).toThrow(expect.objectContaining({ code: "PAYLOAD_INVALID" }));
  });

  test("are read as they were stored", () => {
    const places: TakenPlaces = withTaken(NO_PLACES, 2, 1000, NOW);
    expect(readPlaces("mailer", JSON.stringify(places))).toEqual(places);
  });
});
