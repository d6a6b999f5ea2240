import { checkOptions } from "@jobq/core";
import { expect, test } from "vitest";

interface Options {
  readonly olderThan?: string;
  readonly limit?: number | undefined;
  readonly state?: string;
}

const KNOWN = { olderThan: true, limit: true, state: true } as const;
const check = (options: unknown): void => checkOptions<Options>(options as Options, KNOWN, "the query");

test("options that there are pass, in any number, and undefined ones too", () => {
  for (const options of [undefined, {}, { limit: undefined }, { state: "done", olderThan: "7d", limit: 5 }]) {
    expect(() => check(options)).not.toThrow();
  }
});

test.each([
  ["olderthan", "olderThan"],
  ["older_than", "olderThan"],
  ["Limit", "limit"],
  ["limits", "limit"],
  ["sate", "state"],
])("of an option %s that there is not, the error names the nearest: %s", (name, nearest) => {
  expect(() => check({ [name]: 1 })).toThrow(
    new TypeError(`the query must not have "${name}"; did you mean "${nearest}"?`),
  );
});

test.each(["toString", "attempts", "id", "removeOnComplete"])("where none is near %s, it names all", (name) => {
  expect(() => check({ [name]: 1 })).toThrow(
    new TypeError(`the query must not have "${name}"; there are olderThan, limit, state`),
  );
});

test.each([null, "all", 5, () => {}])("what is no object is refused: %s", (value) => {
  expect(() => check(value)).toThrow(TypeError);
});
