import { checkOptions, outOfRange } from "@jobq/core";
import type { Kysely } from "kysely";
import type { DialectName } from "../dialect/dialect.ts";
import { backOff } from "../session/back-off.ts";
import { failureKind, isInTheWay, storeError } from "../session/failure.ts";
import { applyMigrations, stepStatements } from "./apply-migrations.ts";
import { chosenDialect, dialectNamed, LAYOUT_OPTIONS, layoutOf, type SqlLayoutOptions } from "./layout.ts";
import { metaStatement, schemaStatements } from "./meta-statements.ts";
import { MIGRATIONS, SCHEMA_VERSION } from "./migrations.ts";

const MAX_TRIES = 100;
const LONGEST_PAUSE_MS = 250;

/** What {@link migrate} did. */
export interface MigrateResult {
  /** The version of the tables before; 0 if there were none. */
  readonly from: number;
  /** The version now. */
  readonly to: number;
}

/**
 * Creates the tables, or updates them from any earlier version; does nothing if they are current or newer. Any number
 * of processes may call it at once, and other processes may use the tables meanwhile.
 * @throws {TypeError} an unknown option
 * @throws {JobqError} STORE_FAILED
 */
export async function migrate<DB>(kysely: Kysely<DB>, options: SqlLayoutOptions = {}): Promise<MigrateResult> {
  checkOptions(options, LAYOUT_OPTIONS);
  const layout = layoutOf(chosenDialect(kysely as Kysely<unknown>, options.dialect), options);
  const plain = kysely.withoutPlugins() as Kysely<unknown>;
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await applyMigrations(plain, layout, MIGRATIONS);
    } catch (error) {
      if (!isInTheWay(failureKind(error)) || attempt >= MAX_TRIES) throw storeError(error, false);
      await backOff(Math.min(2 ** attempt, LONGEST_PAUSE_MS));
    }
  }
}

/**
 * Returns the SQL that {@link migrate} runs, if you prefer to run it yourself. `from` is the present version of the
 * tables. From version 1 on, indexes are built `concurrently` on PostgreSQL, which is not possible in a transaction.
 * @throws {RangeError} a version that this code does not know
 * @throws {TypeError} an unknown dialect
 */
export function migrationSql(dialect: DialectName, options: Omit<SqlLayoutOptions, "dialect"> = {}, from = 0): string {
  if (!Number.isInteger(from) || from < 0 || from > SCHEMA_VERSION) {
    throw outOfRange("from", `a version from 0 to ${SCHEMA_VERSION}`, from);
  }
  const layout = layoutOf(dialectNamed(dialect), options);
  const steps = MIGRATIONS.slice(from).flatMap((step, index) =>
    stepStatements(layout, step, from + index + 1, from > 0),
  );
  return [...schemaStatements(layout), metaStatement(layout), ...steps].map((text) => `${text};\n`).join("");
}
