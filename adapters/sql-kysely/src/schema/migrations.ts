import type { Migration } from "./migration.ts";
import { firstTables } from "./schema-1.ts";
import { changesOf2, statementsOf2 } from "./schema-2.ts";

/** All steps; the first leads to version 1. */
export const MIGRATIONS: readonly Migration[] = [
  { compatibleFrom: 1, statements: firstTables },
  { compatibleFrom: 1, statements: statementsOf2, changes: changesOf2 },
];

/** The version that this code works with. */
export const SCHEMA_VERSION: number = MIGRATIONS.length;
