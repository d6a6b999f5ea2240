import { JobqError } from "@jobq/core";
import { failureKind } from "../session/failure.ts";
import type { Run } from "../session/run.ts";
import type { Layout } from "./layout.ts";
import { SCHEMA_VERSION } from "./migrations.ts";

/** The version of a store's tables, and the oldest code that may still use them; undefined before the first migration. */
export async function storedVersion(
  run: Run,
  layout: Layout,
): Promise<{ version: number; compatibleFrom: number } | undefined> {
  try {
    const [row] = await run(`select version, compatible_from from ${layout.tables.meta} where id = 1`);
    return row && { version: Number(row.version), compatibleFrom: Number(row.compatible_from) };
  } catch (error) {
    const kind = failureKind(error);
    // MySQL says so of a schema that `migrate` makes.
    const isSchema = kind === "no database" && layout.dialect.name === "mysql" && layout.schema !== undefined;
    if (kind === "missing" || isSchema) return undefined;
    throw error;
  }
}

/**
 * Checks that the tables are there and of a version that this code knows.
 * @throws {JobqError} STORE_VERSION
 */
export async function checkVersion(run: Run, layout: Layout): Promise<void> {
  const stored = await storedVersion(run, layout);
  const details = { stored: stored?.version, known: SCHEMA_VERSION, tables: layout.tables.jobs };
  const tables = `the tables of jobq, such as ${layout.tables.jobs},`;
  if (!stored || stored.version < SCHEMA_VERSION) {
    const found = stored ? `are of version ${stored.version}, before ${SCHEMA_VERSION}` : "are not there";
    throw new JobqError("STORE_VERSION", `${tables} ${found}: run migrate()`, { details });
  }
  if (stored.compatibleFrom > SCHEMA_VERSION) {
    const message = `${tables} are of version ${stored.version}, which version ${SCHEMA_VERSION} cannot use: update @jobq/sql-kysely`;
    throw new JobqError("STORE_VERSION", message, { details });
  }
}
