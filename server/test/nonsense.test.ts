import { createServer } from "@jobq/server";
import { createBundles } from "@jobq/service/bundle";
import { createSchedules } from "@jobq/service/cron";
import { createWorkflows } from "@jobq/service/workflow";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Route } from "../src/route.ts";
import { ROUTES } from "../src/routes/table.ts";
import type { Schema } from "../src/schema/schema.ts";
import { caller, type Rig, rig } from "./rig.ts";

const ODD: readonly unknown[] = [
  ...["", " ", "a", "\u0000", "a\u0000b", "\ud800", "\u202e", "x".repeat(256), "x".repeat(70_000), "__proto__"],
  ...["constructor", "jobq:schedules", "*", "0", "-1s", "1h", "99999999h", "1e3", "2026-13-45T99:99:99Z"],
  ...["2026-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "'; drop table jobq_jobs; --"],
  ...[0, -0, -1, 1, 1.5, 1e300, 2 ** 53, 2 ** 31, true, false, null, [], [[]], [null], ["a"], {}, { a: 1 }],
  ...[
    { key: "a", concurrency: 1 },
    { key: "", concurrency: 0 },
    { "a.b": { c: [1] } },
    JSON.parse('{"__proto__":{"a":1}}'),
  ],
];

const ENQUEUE = ["delay", "at", "unique", "after", "limit", "expires", "origin", "correlationId", "name", "data"];
const SETTINGS = ["tags", "weight", "priority", "maxRetries", "timeout", "backoff", "retry", "onExhausted", "nothing"];
const FIND = ["state", "live", "reason", "topic", "name", "unique", "tags", "group", "limitKey", "slot", "order"];
const PAGE = ["reservedBefore", "finishedBy", "finishedFrom", "after", "before", "limit", "nothing"];

const odd = fc.constantFrom(...ODD);
const odds = (names: readonly string[]) => {
  return fc.dictionary(fc.constantFrom(...names), odd, { maxKeys: 3, noNullPrototype: true });
};

/** What keeps the schema more or less. */
function near(schema: Schema, name = ""): fc.Arbitrary<unknown> {
  const { rule } = schema;
  const fits = (): fc.Arbitrary<unknown> => {
    switch (rule.kind) {
      case "enum":
        return fc.constantFrom(...rule.values);
      case "number":
        return fc.constantFrom(rule.min ?? 0, rule.max ?? 1, 1);
      case "boolean":
        return fc.boolean();
      case "array":
        return fc.array(near(rule.items), { maxLength: 3 });
      case "object": {
        const fields = Object.entries(rule.fields).map(([key, field]) => [key, near(field, key)] as const);
        return fc.record(Object.fromEntries(fields), { requiredKeys: [...rule.required], noNullPrototype: true });
      }
      case "map":
        return odds(name === "options" ? [...ENQUEUE, ...SETTINGS] : [...FIND, ...PAGE]);
      default:
        return fc.constantFrom("a", "1s", "2026-01-01T00:00:00Z");
    }
  };
  return fc.oneof({ weight: 3, arbitrary: fits() }, { weight: 1, arbitrary: odd });
}

/** A call of the route: its path, and its body where it takes one. */
function callOf(route: Route, ids: readonly string[]): fc.Arbitrary<readonly [path: string, body: unknown]> {
  const { path, body } = route;
  const query = route.query?.rule.kind === "object" ? Object.keys(route.query.rule.fields) : [];
  const part = fc.oneof(fc.constantFrom(...ids, "a"), odd.map(textOf)).map((text) => {
    return !/\p{Cs}/u.test(text) && text !== "" ? encodeURIComponent(text.slice(0, 300)) : "a";
  });
  const filled = fc.array(part, { minLength: 2, maxLength: 2 }).map((parts) => {
    const rest = [...parts];
    return path.replaceAll(/\{\w+\}/g, () => rest.shift() ?? "a");
  });
  const search = query.length === 0 ? fc.constant("") : odds([...query, "nothing"]).map(searchOf);
  return fc.tuple(
    fc.tuple(filled, search).map((texts) => texts.join("")),
    body ? near(body) : fc.constant(undefined),
  );
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function searchOf(query: Readonly<Record<string, unknown>>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) search.append(name, textOf(value).slice(0, 300));
  return `?${search}`;
}

/** A server with everything, and two jobs. */
async function full(): Promise<{ readonly one: Rig; readonly ids: readonly string[] }> {
  const one = rig();
  const { svc } = one;
  const modules = { schedules: createSchedules(svc), workflows: createWorkflows(svc), bundles: createBundles(svc) };
  const ids = [await svc.enqueue("a", 1), await svc.enqueue("b", 2)];
  return { one: { ...one, call: caller(createServer(svc, modules)) }, ids };
}

/** Those that wait, or stream, end when time passes. */
const PROMPT = ROUTES.filter(({ waits, operation }) => !waits && operation !== "streamEvents");

test("nothing that is sent is the server's own fault", async () => {
  const { one, ids } = await full();
  const calls = fc.constantFrom(...PROMPT).chain((route) => fc.tuple(fc.constant(route), callOf(route, ids)));
  await fc.assert(
    fc.asyncProperty(calls, async ([route, [path, body]]) => {
      const { status, body: said } = await one.call(route.method, path, body);
      if (status >= 500) throw new Error(`${status} ${JSON.stringify(said)}`);
    }),
    { numRuns: 5000, seed: 7 },
  );
  expect(one.errors).toEqual([]);
}, 120_000);
