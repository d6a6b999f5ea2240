import { nearestName, received } from "@jobq/core";
import type { Rule, Schema } from "./schema.ts";

/** Why a value does not keep a schema. */
export interface Flaw {
  /** The field at fault, such as `jobs[3].type`; empty when it is the value itself. */
  readonly field: string;
  readonly message: string;
}

/** Either the value as the schema's type, or the first thing that is wrong with it. */
export type Verdict<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly flaw: Flaw };

/**
 * Checks a value that came from outside. In objects, null in place of an optional field is as good as leaving it out;
 * such fields are not in the result, which shares nothing with the value but what the schema does not look into.
 */
export function validate<T>(schema: Schema<T>, value: unknown, field = ""): Verdict<T> {
  try {
    return { ok: true, value: checked(schema, value, field) as T };
  } catch (flaw) {
    if (flaw instanceof FlawFound) return { ok: false, flaw };
    throw flaw;
  }
}

/** Carries a flaw out of the depth of a value. */
class FlawFound extends Error implements Flaw {
  readonly field: string;

  constructor(field: string, expected: string, value: unknown) {
    super(`${field || "the body"} must be ${expected}, got ${received(value)}`);
    this.field = field;
  }
}

type RuleOf<K extends Rule["kind"]> = Extract<Rule, { kind: K }>;
type Check<K extends Rule["kind"]> = (rule: RuleOf<K>, value: unknown, field: string) => unknown;

const CHECKS: { readonly [K in Rule["kind"]]: Check<K> } = {
  any: (_, value) => value,
  null: (_, value, field) => wanted(value === null, "null", value, field),
  boolean: (_, value, field) => wanted(typeof value === "boolean", "true or false", value, field),
  enum: ({ values }, value, field) =>
    wanted(values.includes(value as string), `one of ${values.join(", ")}`, value, field),
  string: checkString,
  number: checkNumber,
  array: checkArray,
  map: checkMap,
  object: checkObject,
  either: checkEither,
};

function checked({ rule }: Schema, value: unknown, field: string): unknown {
  return (CHECKS[rule.kind] as Check<Rule["kind"]>)(rule as never, value, field);
}

function wanted(holds: boolean, expected: string, value: unknown, field: string): unknown {
  if (holds) return value;
  throw new FlawFound(field, expected, value);
}

function checkString({ min = 0, max, pattern, format }: RuleOf<"string">, value: unknown, field: string): unknown {
  if (typeof value !== "string") throw new FlawFound(field, "a string", value);
  const long = max !== undefined && value.length > max;
  if (value.length < min || long) throw new FlawFound(field, range("characters", min, max), value);
  return wanted(!pattern || pattern.test(value), format ?? "of that form", value, field);
}

function checkNumber({ whole, min, max }: RuleOf<"number">, value: unknown, field: string): unknown {
  const fits =
    (whole ? Number.isSafeInteger(value) : Number.isFinite(value)) &&
    (value as number) >= (min ?? Number.NEGATIVE_INFINITY) &&
    (value as number) <= (max ?? Number.POSITIVE_INFINITY);
  return wanted(fits, `a ${whole ? "whole number" : "number"}${between(min, max)}`, value, field);
}

function checkArray({ items, min = 0, max }: RuleOf<"array">, value: unknown, field: string): unknown {
  if (!Array.isArray(value)) throw new FlawFound(field, "an array", value);
  const long = max !== undefined && value.length > max;
  if (value.length < min || long) throw new FlawFound(field, range("entries", min, max), `${value.length} entries`);
  return value.map((item, index) => checked(items, item, `${field}[${index}]`));
}

function checkMap({ values, max }: RuleOf<"map">, value: unknown, field: string): unknown {
  const entries = Object.entries(asObject(value, field));
  if (max !== undefined && entries.length > max) {
    throw new FlawFound(field, range("entries", 0, max), `${entries.length} entries`);
  }
  return Object.fromEntries(entries.map(([key, item]) => [key, checked(values, item, at(field, key))]));
}

function checkObject({ fields, required }: RuleOf<"object">, value: unknown, field: string): unknown {
  const given = asObject(value, field);
  const result: Record<string, unknown> = {};
  for (const key of Object.keys(given)) {
    if (!Object.hasOwn(fields, key)) throw unknownField(field, key, Object.keys(fields));
    const item = given[key];
    const schema = fields[key] as Schema;
    if (item === null && !required.has(key) && schema.rule.kind !== "any") continue;
    result[key] = checked(schema, item, at(field, key));
  }
  for (const key of required) {
    if (!Object.hasOwn(given, key)) throw new FlawFound(at(field, key), "given", undefined);
  }
  return result;
}

/** The last schema says what is wrong. */
function checkEither({ schemas }: RuleOf<"either">, value: unknown, field: string): unknown {
  for (const schema of schemas.slice(0, -1)) {
    const verdict = validate(schema, value, field);
    if (verdict.ok) return verdict.value;
  }
  return checked(schemas.at(-1) as Schema, value, field);
}

function asObject(value: unknown, field: string): Readonly<Record<string, unknown>> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new FlawFound(field, "an object", value);
}

function unknownField(field: string, key: string, names: readonly string[]): FlawFound {
  const near = nearestName(key, names);
  const known = near ? `did you mean ${near}?` : names.length > 0 ? `there are ${names.join(", ")}` : "there is none";
  return new FlawFound(at(field, key.slice(0, 80)), `a known field (${known})`, key);
}

function at(field: string, key: string): string {
  return field === "" ? key : `${field}.${key}`;
}

function range(of: string, min: number, max: number | undefined): string {
  return max === undefined ? `at least ${min} ${of}` : `${min} to ${max} ${of}`;
}

function between(min: number | undefined, max: number | undefined): string {
  if (min !== undefined && max !== undefined) return ` from ${min} to ${max}`;
  if (min !== undefined) return ` of at least ${min}`;
  return max === undefined ? "" : ` of at most ${max}`;
}
