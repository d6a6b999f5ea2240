import { expect, test } from "vitest";
import { oneOf, wholeNumber } from "../soak/arguments.ts";

test.each(["1e5", "many", "-1", "1.5", ""])("%j is no whole number of a soak", (text) => {
  expect(() => wholeNumber("--jobs", text)).toThrow(`--jobs must be a whole number, got ${text}`);
});

test("a number and a word of a soak are what they say", () => {
  expect([wholeNumber("--kills", "0"), oneOf("the part", ["pair", "patroni"], "pair")]).toEqual([0, "pair"]);
});

test("a word that there is not is refused, with those that there are", () => {
  expect(() => oneOf("the part", ["pair", "patroni"], "pairs")).toThrow(
    "the part must be one of pair; patroni, got pairs",
  );
});
