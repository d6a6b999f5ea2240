import type { Kysely } from "kysely";
import type { Dialect, DialectName } from "./dialect.ts";
import { mysql } from "./mysql.ts";
import { postgres } from "./postgres.ts";
import { sqlite } from "./sqlite.ts";

/** The dialects by name. */
export const DIALECTS: Readonly<Record<DialectName, Dialect>> = { sqlite, postgres, mysql };

/**
 * The dialect that a Kysely instance speaks, told by what its adapter says it can do.
 * @throws {TypeError} none of them
 */
export function dialectOf(kysely: Kysely<unknown>): Dialect {
  const { supportsReturning, supportsTransactionalDdl, supportsOutput } = kysely.getExecutor().adapter;
  if (supportsReturning) return supportsTransactionalDdl ? postgres : sqlite;
  if (!supportsOutput && !supportsTransactionalDdl) return mysql;
  throw new TypeError('kysely must speak SQLite, PostgreSQL or MySQL; when it does, say which with "dialect"');
}
