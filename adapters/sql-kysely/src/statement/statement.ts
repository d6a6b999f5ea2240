import { CompiledQuery } from "kysely";
import type { Dialect } from "../dialect/dialect.ts";
import { named } from "./statement-name.ts";

/** Rows as one parameter, so that a statement's text never changes with their number. */
export interface Rows {
  /** A JSON array of objects. */
  readonly json: string;
  readonly count: number;
}

/** What a field may be. */
export type Value = string | number | null;

/** Values for the parameters of a statement. */
export type Values = Readonly<Record<string, Value | Rows>>;

/** A row as the driver returns it. */
export type Row = Readonly<Record<string, unknown>>;

/** SQL that was put together once, with the names of its parameters in order. */
export interface Statement {
  readonly sql: string;
  readonly parameters: readonly string[];
}

/**
 * Makes a statement from SQL in which `:name` stands for a parameter.
 * @param use `once` for one that is put together for the occasion, and not worth preparing; `lasting` for one that reads
 * no table, of which a plan that was made once is good for ever
 */
export function statement(dialect: Dialect, text: string, use?: "once" | "lasting"): Statement {
  const parameters: string[] = [];
  const sql = (dialect.prefix + text)
    .trim()
    .replace(/\n\s*/g, " ")
    .replace(/(?<!:):([a-z]\w*)/gi, (_, name: string) => {
      parameters.push(name);
      return dialect.parameter(parameters.length);
    });
  // Of the others a server would keep a plan from when the tables were small.
  const mayBePrepared = use === "lasting" || dialect.plansLast || parameters.includes("one");
  return { sql: mayBePrepared && use !== "once" ? named(sql) : sql, parameters };
}

/** The statement with values for its parameters, as Kysely takes it; `one` is 1, `rows_count` the number of `rows`. */
export function bind({ sql, parameters }: Statement, values: Values): CompiledQuery<Row> {
  const bound = parameters.map((name) => (name === "one" ? 1 : valueFor(name, values)));
  return CompiledQuery.raw(sql, bound) as CompiledQuery<Row>;
}

function valueFor(name: string, values: Values): Value {
  const value = values[name];
  if (value !== undefined && value !== null) return typeof value === "object" ? value.json : value;
  const rows = values[name.replace(/_count$/, "")] ?? null;
  return rows !== null && typeof rows === "object" ? rows.count : null;
}
