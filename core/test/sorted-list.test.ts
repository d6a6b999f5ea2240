import { SortedList } from "@jobq/core";
import fc from "fast-check";
import { expect, test } from "vitest";

interface Item {
  readonly key: number;
  readonly call: number;
}

const byKey = (a: Pick<Item, "key">, b: Pick<Item, "key">): boolean => a.key < b.key;

/** Runs of rising keys, as they nearly always come, and any others. */
const keys = fc.oneof(
  fc
    .tuple(fc.nat(3000), fc.nat(1200))
    .map(([from, count]) => Array.from({ length: count }, (_, index) => from + index)),
  fc.array(fc.nat(3000), { maxLength: 600, size: "max" }),
);
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ add: keys }) },
  { weight: 2, arbitrary: fc.record({ remove: keys }) },
  { weight: 2, arbitrary: fc.record({ take: fc.nat(1500), back: fc.integer({ min: 1, max: 3 }) }) },
);

test("a sorted list answers every sequence of calls as a Map does whose keys are sorted", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), fc.nat(3000), (steps, from) => {
      const list = new SortedList<Pick<Item, "key">, Item>(byKey);
      const model = new Map<number, Item>();
      const sorted = (): Item[] => [...model.values()].sort((a, b) => a.key - b.key);
      for (const [call, one] of steps.entries()) {
        for (const key of "add" in one ? one.add : []) {
          const item = { key, call };
          const there = model.get(key) ?? item;
          expect(list.add(item)).toBe(there);
          model.set(key, there);
        }
        for (const key of "remove" in one ? one.remove : []) {
          expect(list.delete({ key })).toBe(model.get(key));
          model.delete(key);
        }
        const taken = "take" in one ? sorted().slice(0, one.take) : [];
        for (const item of taken) {
          expect(list.first()).toBe(item);
          expect(list.delete(item)).toBe(item);
          model.delete(item.key);
        }
        for (const item of taken.filter((_, index) => "back" in one && index % one.back === 0)) {
          expect(list.add(item)).toBe(item);
          model.set(item.key, item);
        }
        expect([list.size, list.first(), list.find({ key: from })]).toEqual([model.size, sorted()[0], model.get(from)]);
      }
      expect([...list.from()]).toEqual(sorted());
      expect([...list.from({ key: from })]).toEqual(sorted().filter(({ key }) => key >= from));
    }),
    { numRuns: 50 },
  );
});
