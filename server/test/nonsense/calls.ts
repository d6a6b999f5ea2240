import fc from "fast-check";
import type { Route } from "../../src/route.ts";
import { ROUTES } from "../../src/routes/table.ts";
import type { Schema } from "../../src/schema/schema.ts";
import { odd, odds, textOf } from "./odd.ts";

const ENQUEUE = ["delay", "at", "unique", "after", "limit", "expires", "origin", "correlationId", "name", "data"];
const SETTINGS = ["tags", "weight", "priority", "maxRetries", "timeout", "backoff", "retry", "onExhausted", "nothing"];
const FIND = ["state", "live", "reason", "topic", "name", "unique", "tags", "group", "limitKey", "slot", "order"];
const PAGE = ["reservedBefore", "finishedBy", "finishedFrom", "after", "before", "limit", "nothing"];

/** A call of a route. */
export interface Call {
  readonly route: Route;
  readonly path: string;
  /** Undefined where the route takes none. */
  readonly body: unknown;
}

/** Calls of every route but the stream of events, which does not end; about these jobs, and what is none. */
export function calls(ids: readonly string[]): fc.Arbitrary<Call> {
  const ending = ROUTES.filter(({ operation }) => operation !== "streamEvents");
  return fc.constantFrom(...ending).chain((route) => callOf(route, ids));
}

function callOf(route: Route, ids: readonly string[]): fc.Arbitrary<Call> {
  const query = route.query?.rule.kind === "object" ? Object.keys(route.query.rule.fields) : [];
  const part = fc.oneof(fc.constantFrom(...ids, "a"), odd.map(textOf)).map((text) => {
    return !/\p{Cs}/u.test(text) && text !== "" ? encodeURIComponent(text.slice(0, 300)) : "a";
  });
  const filled = fc.array(part, { minLength: 2, maxLength: 2 }).map((parts) => {
    const rest = [...parts];
    return route.path.replaceAll(/\{\w+\}/g, () => rest.shift() ?? "a");
  });
  const search = query.length === 0 ? fc.constant("") : odds([...query, "nothing"]).map(searchOf);
  return fc.record({
    route: fc.constant(route),
    path: fc.tuple(filled, search).map((texts) => texts.join("")),
    body: route.body ? near(route.body) : fc.constant(undefined),
  });
}

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

function searchOf(query: Readonly<Record<string, unknown>>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) search.append(name, textOf(value).slice(0, 300));
  return `?${search}`;
}
