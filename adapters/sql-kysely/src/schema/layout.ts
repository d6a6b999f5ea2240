import { type OptionNames, received } from "@jobq/core";
import type { Kysely } from "kysely";
import type { Dialect, DialectName } from "../dialect/dialect.ts";
import { DIALECTS, dialectOf } from "../dialect/dialects.ts";
import { dialectWith, type PostgresFeatures } from "../dialect/postgres-features.ts";
import { checkDriver } from "../session/check-driver.ts";

/** Where the tables are. All processes that share a queue must use the same. */
export interface SqlLayoutOptions {
  /** The dialect; by default detected from the Kysely instance. */
  readonly dialect?: DialectName | undefined;
  /** The schema (on MySQL the database) of the tables; by default that of the connection. */
  readonly schema?: string | undefined;
  /** The prefix of the table names; by default `jobq_`. */
  readonly prefix?: string | undefined;
  /** Which features a server has that is compatible with PostgreSQL; by default all. */
  readonly features?: PostgresFeatures | undefined;
}

/** The names of {@link SqlLayoutOptions}. */
export const LAYOUT_OPTIONS: OptionNames<SqlLayoutOptions> = {
  ...{ dialect: true, schema: true, prefix: true, features: true },
};

/** The tables, as they are called after the prefix. */
export type TableName = (typeof TABLES)[number];

const TABLES = ["jobs", "notes", "tags", "counts", "topics", "entries", "meta"] as const;

/** The names of the tables, quoted, and how to speak of them. */
export interface Layout {
  readonly dialect: Dialect;
  readonly schema: string | undefined;
  readonly prefix: string;
  readonly tables: Readonly<Record<TableName, string>>;
  /** An index that is there, quoted; on MySQL its name alone. */
  indexName(name: string): string;
  /** A new index and the table it is on. */
  index(name: string, table: TableName): string;
}

/** The layout that the options ask for. */
export function layoutOf(spoken: Dialect, options: SqlLayoutOptions): Layout {
  const { schema, prefix = "jobq_", features } = options;
  const dialect = dialectWith(spoken, features);
  if (!/^\w{0,30}$/.test(prefix)) {
    throw new TypeError(`prefix must be at most 30 letters, digits and underscores, got ${received(prefix)}`);
  }
  // PostgreSQL cuts a longer one, and would find the tables of another; a colon or question mark begins a parameter.
  if (schema !== undefined && !/^[ -9;->@-~]{1,63}$/.test(schema)) {
    throw new TypeError(`schema must be 1 to 63 printable ASCII characters but : and ?, got ${received(schema)}`);
  }
  const qualifier = schema === undefined ? "" : `${dialect.quote(schema)}.`;
  const names = TABLES.map((table) => [table, qualifier + dialect.quote(prefix + table)] as const);
  const tables = Object.fromEntries(names) as Layout["tables"];
  const index = (name: string, table: TableName): string => {
    const names = [dialect.quote(prefix + name), dialect.quote(prefix + table)] as const;
    // SQLite wants the schema before the index, everybody else before the table.
    return dialect.name === "sqlite" ? `${qualifier}${names[0]} on ${names[1]}` : `${names[0]} on ${tables[table]}`;
  };
  const indexName = (name: string): string => qualifier + dialect.quote(prefix + name);
  return { dialect, schema, prefix, tables, index, indexName };
}

/** The dialect that was asked for, or the one the Kysely instance speaks. */
export function chosenDialect(kysely: Kysely<unknown>, name: DialectName | undefined): Dialect {
  checkDriver(kysely, "getExecutor", "kysely", "an instance of Kysely");
  return name === undefined ? dialectOf(kysely) : dialectNamed(name);
}

/** @throws {TypeError} there is none of this name */
export function dialectNamed(name: DialectName): Dialect {
  const dialect = DIALECTS[name];
  if (!dialect) throw new TypeError(`dialect must be "sqlite", "postgres" or "mysql", got ${received(name)}`);
  return dialect;
}
