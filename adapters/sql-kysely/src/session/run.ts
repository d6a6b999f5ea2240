import { CompiledQuery, type Kysely } from "kysely";
import type { Row } from "../statement/statement.ts";

/** Runs SQL without parameters. */
export type Run = (text: string) => Promise<readonly Row[]>;

/** Runs SQL on a connection, or in a transaction. */
export function runOn(kysely: Kysely<unknown>): Run {
  return async (text) => (await kysely.executeQuery(CompiledQuery.raw(text))).rows as readonly Row[];
}
