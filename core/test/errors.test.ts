import { JobqError, outOfRange, received, wrongType } from "@jobq/core";
import { describe, expect, test } from "vitest";

describe("a JobqError", () => {
  test("is an Error with a code, a cause and details", () => {
    const cause = new Error("disk");
    const error = new JobqError("STORE_FAILED", "no", { cause, details: { path: "/x" } });
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({
      name: "JobqError",
      code: "STORE_FAILED",
      message: "no",
      cause,
      details: { path: "/x" },
    });
  });

  test("without a cause has none, and without details an empty record", () => {
    const error = new JobqError("CLOSED", "closed");
    expect("cause" in error).toBe(false);
    expect(error.details).toEqual({});
  });

  test("keeps a cause that is undefined", () => {
    expect("cause" in new JobqError("CLOSED", "closed", { cause: undefined })).toBe(true);
  });
});

describe("what was received", () => {
  test.each<[unknown, string]>([
    ["text", '"text"'],
    [5, "5"],
    [Number.NaN, "NaN"],
    [5n, "5"],
    [null, "null"],
    [undefined, "undefined"],
    [Symbol("x"), "Symbol(x)"],
    [{}, "an object"],
    [[1], "an array"],
    [Object.create(null), "an object"],
    [new Date(Number.NaN), "Invalid Date"],
  ])("is shown whatever it is", (value, text) => {
    expect(received(value)).toBe(text);
  });

  test("is cut where it is long", () => {
    expect(received("x".repeat(1000)).length).toBeLessThan(100);
  });

  test("stands in the message, with the argument's name", () => {
    expect(wrongType("topic", "a string", 5)).toMatchObject({
      name: "TypeError",
      message: expect.stringMatching(/^topic .*5$/),
    });
    expect(outOfRange("limit", "1 to 9", 10)).toMatchObject({
      name: "RangeError",
      message: expect.stringMatching(/^limit .*10$/),
    });
  });
});
