/** What a value must be. A subset of JSON Schema: all that requests and responses here need. */
export type Rule =
  | { readonly kind: "any" }
  | { readonly kind: "null" }
  | { readonly kind: "boolean" }
  | {
      readonly kind: "string";
      readonly min?: number;
      readonly max?: number;
      readonly pattern?: RegExp;
      readonly format?: string;
    }
  | { readonly kind: "enum"; readonly values: readonly string[] }
  | { readonly kind: "number"; readonly whole: boolean; readonly min?: number; readonly max?: number }
  | { readonly kind: "array"; readonly items: Schema; readonly min?: number; readonly max?: number }
  | { readonly kind: "map"; readonly values: Schema; readonly max?: number }
  | { readonly kind: "object"; readonly fields: Fields; readonly required: ReadonlySet<string> }
  | { readonly kind: "either"; readonly schemas: readonly Schema[] };

/** The schemas of an object's fields, by name. */
export type Fields = Readonly<Record<string, Schema>>;

/** A rule with what documents say of it, and the type of the values that keep it. */
export class Schema<T = unknown> {
  /** Only for the compiler: the type of a value that keeps the rule. */
  declare readonly type: T;
  readonly rule: Rule;
  readonly description: string | undefined;
  /** Under which name documents refer to it; undefined where it is written out in place. */
  readonly name: string | undefined;

  constructor(rule: Rule, description?: string, name?: string) {
    this.rule = rule;
    this.description = description;
    this.name = name;
  }

  /** The same with a description for documents. */
  describe(description: string): Schema<T> {
    return new Schema(this.rule, description, this.name);
  }

  /** The same as a component that documents refer to by `name`. */
  named(name: string): Schema<T> {
    return new Schema(this.rule, this.description, name);
  }
}

/** The type of the values that keep a schema. */
export type Infer<S extends Schema> = S["type"];

type Required<F extends Fields> = { readonly [K in keyof F]: F[K]["type"] };
type Optional<F extends Fields> = { readonly [K in keyof F]?: F[K]["type"] | undefined };

/** An object with these fields and no others; `optional` ones may be left out. */
export function object<R extends Fields, O extends Fields = Record<never, never>>(
  required: R,
  optional?: O,
): Schema<Required<R> & Optional<O>> {
  return new Schema({ kind: "object", fields: { ...required, ...optional }, required: new Set(Object.keys(required)) });
}

/** An object whose field names are the caller's. */
export function map<T>(values: Schema<T>, max?: number): Schema<Readonly<Record<string, T>>> {
  return new Schema({ kind: "map", values, ...(max === undefined ? {} : { max }) });
}

/** A list of values that keep `items`. */
export function array<T>(
  items: Schema<T>,
  size: { readonly min?: number; readonly max?: number } = {},
): Schema<readonly T[]> {
  return new Schema({ kind: "array", items, ...size });
}

/** Text; lengths are in UTF-16 units. */
export function string(
  more: { readonly min?: number; readonly max?: number; readonly pattern?: RegExp; readonly format?: string } = {},
): Schema<string> {
  return new Schema({ kind: "string", ...more });
}

/** A whole number. */
export function integer(range: { readonly min?: number; readonly max?: number } = {}): Schema<number> {
  return new Schema({ kind: "number", whole: true, ...range });
}

/** Any finite number. */
export function number(range: { readonly min?: number; readonly max?: number } = {}): Schema<number> {
  return new Schema({ kind: "number", whole: false, ...range });
}

/** One of these words. */
export function oneOf<T extends string>(...values: readonly T[]): Schema<T> {
  return new Schema({ kind: "enum", values });
}

/** A value that keeps one of the schemas. */
export function either<A, B>(first: Schema<A>, second: Schema<B>): Schema<A | B> {
  return new Schema({ kind: "either", schemas: [first, second] });
}

/** True or false. */
export const boolean: Schema<boolean> = new Schema({ kind: "boolean" });
/** Nothing but null. */
export const nothing: Schema<null> = new Schema({ kind: "null" });
/** Any JSON at all. */
export const anything: Schema<unknown> = new Schema({ kind: "any" });
