import fc from "fast-check";
import { MemoryLevel } from "memory-level";
import { expect, test, vi } from "vitest";
import { entryKey, readyRange } from "../src/keys.ts";
import { Window } from "../src/window.ts";

const RANGE = readyRange("x");
const CAPACITY = 2_000;
const key = (number: number) => entryKey({ id: String(number).padStart(6, "0"), topic: "x", weight: 0 });
const keysOf = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => key(from + index));

async function stored(keys: readonly string[]): Promise<MemoryLevel> {
  const db = new MemoryLevel();
  await db.batch(keys.map((one) => ({ type: "put", key: one, value: "" })));
  return db;
}

test("however many keys there are, a window holds its capacity, or what was asked for at once", async () => {
  const db = await stored(keysOf(0, 10_000));
  const window = new Window(RANGE, RANGE.gte);
  await window.fill(db, 1);
  expect(window.size).toBe(CAPACITY);
  await window.fill(db, 5_000);
  expect(window.first(5_000)).toEqual(keysOf(0, 5_000));
  window.adopt({ added: [], removed: keysOf(0, 1_000) });
  expect(window.size).toBe(CAPACITY);
  window.release();
  expect([window.size, window.floor]).toEqual([0, key(1_000)]);
});

test("keys that were removed are never read again, though the database still has to pass them", async () => {
  const db = await stored(keysOf(0, 6_000));
  const window = new Window(RANGE, RANGE.gte);
  const read = vi.spyOn(db, "keys");
  for (let from = 0; from < 6_000; from += 100) {
    await window.fill(db, 100);
    expect(window.first(100)).toEqual(keysOf(from, from + 100));
    window.adopt({ added: [], removed: keysOf(from, from + 100) });
  }
  const starts = read.mock.calls.map(([range]) => (range as { gt?: string; gte?: string }).gt ?? range?.gte);
  expect(starts).toEqual([RANGE.gte, `${key(1_999)}\0`, `${key(3_999)}\0`]);
});

test("a range that is empty to begin with is never read", async () => {
  const db = await stored([]);
  const read = vi.spyOn(db, "keys");
  const window = new Window(RANGE);
  window.adopt({ added: [key(2), key(1)], removed: [] });
  await window.fill(db, 10);
  expect(window.first(10)).toEqual([key(1), key(2)]);
  expect(read).not.toHaveBeenCalled();
});

test("whatever comes and goes, a window answers the first keys of the range", async () => {
  const number = fc.nat(40);
  const moves = fc.record({
    added: fc.uniqueArray(number),
    removed: fc.uniqueArray(number),
    count: fc.integer({ min: 1, max: 9 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof(moves, fc.constant("release" as const)), { maxLength: 20 }), async (steps) => {
      const db = await stored([]);
      const there = new Set<string>();
      const window = new Window(RANGE);
      for (const step of steps) {
        if (step === "release") {
          window.release();
          continue;
        }
        const removed = step.removed.map(key).filter((one) => there.has(one));
        const added = step.added.map(key).filter((one) => !there.has(one));
        await db.batch(removed.map((one) => ({ type: "del", key: one })));
        await db.batch(added.map((one) => ({ type: "put", key: one, value: "" })));
        for (const one of removed) there.delete(one);
        for (const one of added) there.add(one);
        const floor = window.floorAfter({ added, removed });
        window.adopt({ added, removed });
        expect(window.floor).toBe(floor);
        await window.fill(db, step.count);
        const sorted = [...there].sort();
        expect(window.first(step.count)).toEqual(sorted.slice(0, step.count));
        expect(sorted.every((one) => one >= floor)).toBe(true);
      }
    }),
    { numRuns: 500 },
  );
});
