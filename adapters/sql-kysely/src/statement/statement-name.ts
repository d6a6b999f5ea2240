import { digest } from "./digest.ts";

/** The SQL with a name of its own in front, in a comment. */
export function named(sql: string): string {
  return `/*jobq_${digest(sql)}*/ ${sql}`;
}

/** The name in front of SQL of ours that stays the same, undefined for any other. */
export function nameOf(sql: string): string | undefined {
  return sql.startsWith("/*jobq_") ? sql.slice(2, sql.indexOf("*/")) : undefined;
}
