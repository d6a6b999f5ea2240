import type { Rule, Schema } from "./schema.ts";

/** A schema as JSON Schema 2020-12 has it. */
export type JsonSchema = { readonly [key: string]: unknown };

/** Writes schemas as JSON Schema; those with a name become components, which every use refers to. */
export class JsonSchemaWriter {
  readonly #components = new Map<string, JsonSchema>();

  /** The schema itself, or a reference to it where it has a name. */
  write({ name, rule, description }: Schema): JsonSchema {
    if (name === undefined) return { ...this.#rule(rule), ...(description ? { description } : {}) };
    if (!this.#components.has(name)) {
      this.#components.set(name, {});
      this.#components.set(name, { ...this.#rule(rule), ...(description ? { description } : {}) });
    }
    return { $ref: `#/components/schemas/${name}` };
  }

  /** The named schemas that were written so far, by name. */
  components(): JsonSchema {
    return Object.fromEntries([...this.#components].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  #rule(rule: Rule): JsonSchema {
    switch (rule.kind) {
      case "any":
        return {};
      case "null":
      case "boolean":
        return { type: rule.kind };
      case "enum":
        return { type: "string", enum: rule.values };
      case "string":
        return stringOf(rule);
      case "number":
        return { type: rule.whole ? "integer" : "number", ...named(rule, "minimum", "maximum") };
      case "array":
        return { type: "array", items: this.write(rule.items), ...named(rule, "minItems", "maxItems") };
      case "map":
        return {
          type: "object",
          additionalProperties: this.write(rule.values),
          ...(rule.max === undefined ? {} : { maxProperties: rule.max }),
        };
      case "object":
        return this.#object(rule);
      case "either":
        return { anyOf: rule.schemas.map((schema) => this.write(schema)) };
    }
  }

  #object({ fields, required }: Extract<Rule, { kind: "object" }>): JsonSchema {
    const properties = Object.fromEntries(Object.entries(fields).map(([key, schema]) => [key, this.write(schema)]));
    return {
      type: "object",
      properties,
      ...(required.size > 0 ? { required: [...required] } : {}),
      additionalProperties: false,
    };
  }
}

function stringOf(rule: Extract<Rule, { kind: "string" }>): JsonSchema {
  const { pattern, format } = rule;
  return {
    type: "string",
    ...named(rule, "minLength", "maxLength"),
    ...(pattern ? { pattern: pattern.source } : {}),
    ...(format === "date-time" ? { format } : {}),
  };
}

function named(
  { min, max }: { readonly min?: number | undefined; readonly max?: number | undefined },
  least: string,
  most: string,
): JsonSchema {
  return { ...(min === undefined ? {} : { [least]: min }), ...(max === undefined ? {} : { [most]: max }) };
}
