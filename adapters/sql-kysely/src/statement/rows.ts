import type { Rows, Value } from "./statement.ts";

/** A row on its way in; what is undefined is null there. */
export type Fields = Readonly<Record<string, Value | undefined>>;

/** Rows as the parameter of a statement. */
export function toRows(rows: readonly Fields[]): Rows {
  return { json: JSON.stringify(rows), count: rows.length };
}
