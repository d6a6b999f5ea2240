import { expect, test } from "vitest";
import { typeCost } from "../measure-types.mjs";

// Instantiations, since they are the same on every machine, and what checking time grows with.
test("a definition of a job costs a consumer's compiler less than 100 instantiations", { timeout: 120_000 }, () => {
  const [none, many] = [typeCost(0), typeCost(100)];
  expect([none.faults, many.faults]).toEqual([0, 0]);
  expect((many.instantiations - none.instantiations) / 100).toBeLessThan(100);
});
