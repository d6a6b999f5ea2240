import { CompiledQuery } from "kysely";
import type { Dialect } from "./dialect.ts";
import { named } from "./statement-name.ts";

/** What a parameter may be; rows go in as one JSON text, so that a statement's text never changes. */
export type Value = string | number | null;

/** A row as the driver answers it. */
export type Row = Readonly<Record<string, unknown>>;

/** SQL that was put together once, with the names of its parameters in order. */
export interface Statement {
  readonly sql: string;
  readonly parameters: readonly string[];
}

/**
 * Makes a statement from SQL in which `:name` stands for a parameter.
 * @param once for one that is put together for the occasion, and not worth preparing
 */
export function statement(dialect: Dialect, text: string, once = false): Statement {
  const parameters: string[] = [];
  const sql = text
    .trim()
    .replace(/\s+/g, " ")
    .replace(/(?<!:):([a-z]\w*)/gi, (_, name: string) => {
      parameters.push(name);
      return dialect.parameter(parameters.length);
    });
  return { sql: dialect.name === "postgres" && !once ? named(sql) : sql, parameters };
}

/** The statement with values for its parameters, as Kysely takes it. */
export function bind({ sql, parameters }: Statement, values: Readonly<Record<string, Value>>): CompiledQuery<Row> {
  return CompiledQuery.raw(
    sql,
    parameters.map((name) => values[name] ?? null),
  ) as CompiledQuery<Row>;
}
