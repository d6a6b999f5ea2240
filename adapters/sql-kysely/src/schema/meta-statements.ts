import type { Layout } from "./layout.ts";

/** What creates the schema, where there is one to create. */
export function schemaStatements({ dialect, schema }: Layout): string[] {
  const wanted = schema !== undefined && dialect.name === "postgres";
  return wanted ? [`create schema if not exists ${dialect.quote(schema)}`] : [];
}

/** What creates the table that has the version. */
export function metaStatement({ dialect, tables }: Layout): string {
  const int = `${dialect.types.int} not null`;
  return `create table if not exists ${tables.meta} (id ${int} primary key, version ${int}, compatible_from ${int})${dialect.tableSuffix}`;
}
