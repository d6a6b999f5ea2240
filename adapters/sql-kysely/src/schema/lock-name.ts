import type { Layout } from "./layout.ts";

/**
 * The name, as SQL, of the lock that lets one process at a time do it. Where the schema is left to the connection it is
 * asked for, and case does not count, which some servers do not see in names of tables either: those who mean the
 * same tables take the same lock.
 */
export function lockName({ dialect, schema, prefix }: Layout): string {
  const own = dialect.name === "mysql" ? "database()" : "current_schema()";
  const place = schema === undefined ? `coalesce(${own}, '')` : dialect.literal(schema);
  return dialect.name === "mysql"
    ? `concat('jobq ', sha1(lower(concat(${place}, '.${prefix}'))))` // 64 characters at most
    : `lower('jobq ' || ${place} || '.${prefix}')`;
}
