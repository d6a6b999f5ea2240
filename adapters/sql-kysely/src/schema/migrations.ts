import type { Layout } from "./layout.ts";
import { firstTables } from "./schema-1.ts";

/** One step of the tables' history. Never changes once released; every statement may be run twice. */
export interface Migration {
  /** The oldest version of this code that can use the tables after the step. */
  readonly compatibleFrom: number;
  statements(layout: Layout): readonly string[];
}

/** All steps; the first leads to version 1. */
export const MIGRATIONS: readonly Migration[] = [{ compatibleFrom: 1, statements: firstTables }];

/** The version that this code works with. */
export const SCHEMA_VERSION: number = MIGRATIONS.length;
