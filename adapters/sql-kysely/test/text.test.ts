import { expect, it } from "vitest";
import { tagOf } from "../src/job/tag.ts";
import { chunksOf } from "../src/statement/chunks.ts";
import { digest } from "../src/statement/digest.ts";
import { fromText, toText } from "../src/statement/text.ts";

const AWKWARD = ["a\0b", "\ud800", "x\udc00y", "ends ", " ", "\u0001", '\u0001"a"', "\u0001a "];
const PLAIN = ["", "a", " a", "grüße", "👩‍👩‍👧", "\u0002", "null", "line\n"];

it("every text comes back as it was", () => {
  for (const text of [...AWKWARD, ...PLAIN]) expect(fromText(toText(text))).toBe(text);
});

it("different texts are stored differently", () => {
  const stored = [...AWKWARD, ...PLAIN].map(toText);
  expect(new Set(stored).size).toBe(stored.length);
});

it("what is stored is well-formed, without NUL and without a space at its end", () => {
  for (const text of AWKWARD) {
    const stored = toText(text);
    expect(stored).not.toMatch(/\0|[\p{Surrogate}]| $/u);
  }
  expect(PLAIN.map(toText)).toEqual(PLAIN);
});

it("a tag is looked up by its name and value; a long one stays short and its own", () => {
  expect(tagOf("a", "b")).not.toBe(tagOf("ab", ""));
  const long = ["x".repeat(5_000), `${"x".repeat(4_999)}y`].map((value) => tagOf("name", value));
  expect(new Set(long).size).toBe(2);
  for (const tag of long) expect(tag.length).toBeLessThan(500);
  expect(digest("a")).not.toBe(digest("b"));
});

it("chunks keep the order, and none is larger than a statement may be unless one item is", () => {
  const sizes = [...Array.from({ length: 4_001 }, () => 1), 3_000_000, 1, 1_500_000, 1_500_000];
  const chunks = chunksOf(sizes, (size) => size);
  expect(chunks.flat()).toEqual(sizes);
  expect(chunks.map((chunk) => chunk.length)).toEqual([2_000, 2_000, 1, 1, 2, 1]);
  expect(chunksOf([])).toEqual([]);
});
