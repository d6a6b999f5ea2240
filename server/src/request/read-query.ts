import { invalid } from "../fault.ts";
import type { Infer, Schema } from "../schema/schema.ts";
import { validate } from "../schema/validate.ts";

/**
 * The parameters of a query, undefined where there is none, as its schema has them. One whose schema is an array may be
 * given several times.
 * @throws {Fault} validation_failed: an unknown parameter, one given twice, a value that does not fit
 */
export function readQuery<S extends Schema>(search: URLSearchParams | undefined, schema: S): Infer<S> {
  if (schema.rule.kind !== "object") throw new TypeError("the schema of a query must be an object");
  const { fields, required } = schema.rule;
  if (!search && required.size === 0) return {};
  const given = Object.fromEntries(
    [...new Set(search?.keys())].map((name) => {
      const values = search?.getAll(name) ?? [];
      const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
      if (field?.rule.kind === "array") return [name, values];
      if (values.length > 1) throw invalid(name, `${name} must be given once`);
      return [name, field ? read(field, values[0] as string) : values[0]];
    }),
  );
  const verdict = validate(schema, given);
  if (verdict.ok) return verdict.value;
  throw invalid(verdict.flaw.field, verdict.flaw.message);
}

/** The text as a number or a truth where the schema wants one; as it is where that cannot be. */
function read({ rule }: Schema, text: string): unknown {
  if (rule.kind === "number" && /^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  if (rule.kind === "boolean" && (text === "true" || text === "false")) return text === "true";
  return text;
}
