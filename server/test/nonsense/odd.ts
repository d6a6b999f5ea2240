import fc from "fast-check";

/** Values that somebody has stumbled over: nothing takes all of them. */
export const ODD: readonly unknown[] = [
  ...[
    "",
    " ",
    "a",
    "a ",
    "\u0000",
    "a\u0000b",
    "\ud800",
    "\u202e",
    "\u0001",
    "😀",
    "x".repeat(256),
    "x".repeat(70_000),
  ],
  ...["__proto__", "constructor", "jobq:schedules", "*", "0", "-1s", "1h", "99999999h", "1e3", "99999999999999999999"],
  ...["2026-01-01T00:00:00Z", "2026-02-30T00:00:00Z", "2026-13-45T99:99:99Z", "0001-01-01T00:00:00Z"],
  ...["9999-12-31T23:59:59Z", "9999-12-31T23:59:59-23:59", "'; drop table jobq_jobs; --", "%_\\"],
  ...[0, -0, -1, 1, 1.5, 1e300, 2 ** 53, 2 ** 53 - 1, 2 ** 31, 2 ** 31 - 1, 8.64e15, 8.64e15 + 1, 253_402_300_800_000],
  ...[true, false, null, [], [[]], [null], ["a"], {}, { a: 1 }, nested(90)],
  ...[
    { key: "a", concurrency: 1 },
    { key: "\ud800", concurrency: 2 ** 31 },
    { "a.b": { c: [1] } },
    { "\u0000": "\ud800" },
    { tenant: "\u0000" },
    JSON.parse('{"__proto__":{"a":1}}'),
  ],
];

/** One of them. */
export const odd: fc.Arbitrary<unknown> = fc.constantFrom(...ODD);

/** An object with some of these names, and what is odd. */
export function odds(names: readonly string[]): fc.Arbitrary<Record<string, unknown>> {
  return fc.dictionary(fc.constantFrom(...names), odd, { maxKeys: 3, noNullPrototype: true });
}

/** What is odd as text, as an address or a command line has it. */
export function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function nested(depth: number): unknown {
  return depth === 0 ? "\u0000" : [nested(depth - 1)];
}
