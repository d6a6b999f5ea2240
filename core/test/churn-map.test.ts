import { ChurnMap } from "@jobq/core";
import fc from "fast-check";
import { expect, test } from "vitest";

test("a passing map answers every sequence of calls as a Map does, and goes through what is there", () => {
  const call = fc.record({ key: fc.nat(5000), value: fc.option(fc.string({ minLength: 1 }), { nil: undefined }) });
  fc.assert(
    fc.property(fc.array(call, { maxLength: 5000, size: "max" }), (calls) => {
      const [passing, model] = [new ChurnMap<number, string>(), new Map<number, string>()];
      for (const { key, value } of calls) {
        if (value === undefined) expect(passing.delete(key)).toBe(model.delete(key));
        else {
          passing.set(key, value);
          model.set(key, value);
        }
        expect(passing.get(key)).toBe(model.get(key));
      }
      expect(passing.size).toBe(model.size);
      expect(new Map(passing)).toEqual(model);
    }),
    { numRuns: 20 },
  );
});

test("keys of what was deleted are let go of", () => {
  const map = new ChurnMap<number, string>();
  for (let key = 0; key < 100_000; key++) {
    map.set(key, "value");
    if (key >= 10) map.delete(key - 10);
  }
  expect([...map].map(([key]) => key)).toEqual(Array.from({ length: 10 }, (_, index) => 99_990 + index));
});
