import type { Kysely } from "kysely";

/** The families of databases that the repositories speak to; MariaDB counts as `mysql`. */
export type DialectName = "sqlite" | "postgres" | "mysql";

/**
 * What a column or a field holds: an `id`; a `key` that is compared exactly; a `word` of ours, such as a state; a
 * `text` or a `long` one that is only read back; whole numbers of 16, 32 and 64 bits.
 */
export type Kind = "id" | "key" | "word" | "text" | "long" | "small" | "int" | "big";

/** Fields with what they hold. */
export type Shape = Readonly<Record<string, Kind>>;

/** A change of the rows `j` that meet the rows `i`. */
export interface SetUpdate {
  readonly table: string;
  /** New values of columns, over `j` and `i`. */
  readonly assign: Readonly<Record<string, string>>;
  /** The rows `i`. */
  readonly from: string;
  readonly where: string;
}

/** Everything in which databases differ, but for their types of errors. */
export interface Dialect {
  readonly name: DialectName;
  quote(identifier: string): string;
  parameter(position: number): string;
  /** The types of columns; texts compare byte by byte. */
  readonly types: Readonly<Record<Kind, string>>;
  /** The type of a column that numbers the rows, given that it is their primary key. */
  readonly serial: string;
  /** What follows the closing bracket of a table. */
  readonly tableSuffix: string;
  /** A table named `alias` from a parameter that holds {@link Rows}; a field left out is null. */
  rows(parameter: string, alias: string, shape: Shape): string;
  /** Joins from the few rows to the table that holds them, by its key. */
  readonly join: string;
  update(update: SetUpdate): string;
  /** Deletes the rows of a table whose column is an `id` of the rows `i`. */
  remove(table: string, column: string, from: string): string;
  /** What follows a select whose rows `j` it locks: waiting for others, or passing over what they hold. */
  readonly lock: string;
  readonly lockFree: string;
  /** Turns an insert into one that overwrites the row with the same key. */
  overwrite(key: readonly string[], columns: readonly string[]): string;
  /** The column of the index that finds the live job with a unique key. */
  readonly liveKey: string;
  /** What follows an update of the rows `j` that answers them as it left them; undefined where none can. */
  readonly returning: ((columns: readonly string[]) => string) | undefined;
  /** True when a statement can hold several writes. */
  readonly writesNest: boolean;
  /** Where a row is: the quickest way to one that the same statement has found. */
  readonly rowId: string;
  /** Over a row `j`: that `picked` holds its `row_id`; spelled so that no planner reads the whole table for it. */
  readonly isPicked: string;
  /** The instant of a due job, as the index on it spells it. */
  readonly dueAt: string;
  /** Follows a table's alias to have an index used, where the planner needs telling. */
  useIndex(name: string): string;
  /** True when an index can leave rows out. */
  readonly partialIndexes: boolean;
  /** The time in milliseconds. */
  readonly now: string;
}

const fields = (shape: Shape, field: (name: string, kind: Kind) => string): string =>
  Object.entries(shape)
    .map(([name, kind]) => field(name, kind))
    .join(", ");

const assignments = (assign: Readonly<Record<string, string>>, prefix = ""): string =>
  Object.entries(assign)
    .map(([column, value]) => `${prefix}${column} = ${value}`)
    .join(", ");

const exactText = 'text collate "C"';
const postgresTypes = { small: "smallint", int: "integer", big: "bigint", text: "text", long: "text" };
const plainTypes = { ...postgresTypes, id: "text", key: "text", word: "text" };

const postgres: Dialect = {
  name: "postgres",
  quote: (identifier) => `"${identifier.replaceAll('"', '""')}"`,
  parameter: (position) => `$${position}`,
  types: { ...postgresTypes, id: exactText, key: exactText, word: exactText },
  serial: "bigint generated always as identity",
  tableSuffix: "",
  // `text` first: some drivers encode once more what they know to be json. The limit tells the planner how many rows
  // there are, which would count on a hundred, and so find statements costly enough to compile them. The series has one
  // row, but a plan that is made without its parameter counts on a thousand: so a prepared statement is planned each
  // time for the table as it is, never with a plan from when the table was small.
  rows: (parameter, alias, shape) =>
    `(select r.* from generate_series(1, :one) as one cross join json_to_recordset(${parameter}::text::json)
      as r(${fields(shape, (name, kind) => `${name} ${plainTypes[kind]}`)}) limit ${parameter}_count) as ${alias}`,
  join: "join",
  update: ({ table, assign, from, where }) =>
    `update ${table} as j set ${assignments(assign)} from ${from} where ${where}`,
  remove: (table, column, from) => `delete from ${table} where ${column} in (select i.id from ${from})`,
  lock: "for update of j",
  lockFree: "for update of j skip locked",
  overwrite: (key, columns) =>
    `on conflict (${key.join(", ")}) do update set ${columns.map((name) => `${name} = excluded.${name}`).join(", ")}`,
  liveKey: "unique_key",
  returning: (columns) => `returning ${columns.map((name) => `j.${name}`).join(", ")}`,
  writesNest: true,
  rowId: "ctid",
  isPicked: "j.ctid = any(array(select row_id from picked))",
  dueAt: "j.run_at",
  useIndex: () => "",
  partialIndexes: true,
  now: "floor(extract(epoch from clock_timestamp()) * 1000)::bigint",
};

const sqlite: Dialect = {
  name: "sqlite",
  quote: postgres.quote,
  parameter: () => "?", // better-sqlite3 takes numbered ones for names
  types: { ...plainTypes, small: "integer", int: "integer", big: "integer" },
  serial: "integer",
  tableSuffix: "",
  rows: (parameter, alias, shape) =>
    `(select ${fields(shape, (name) => `value ->> '${name}' as ${name}`)} from json_each(${parameter})) as ${alias}`,
  join: "cross join", // SQLite's way of saying in which order to look
  update: postgres.update,
  remove: postgres.remove,
  lock: "",
  lockFree: "",
  overwrite: postgres.overwrite,
  liveKey: "unique_key",
  returning: (columns) => `returning ${columns.join(", ")}`,
  writesNest: false,
  rowId: "rowid",
  isPicked: "j.rowid in (select row_id from picked)",
  dueAt: "j.run_at",
  useIndex: () => "",
  partialIndexes: true,
  now: "cast(round((julianday('now') - 2440587.5) * 86400000) as integer)",
};

const mysqlTypes: Readonly<Record<Kind, string>> = {
  id: "varchar(64) character set ascii collate ascii_bin",
  key: "varchar(512) character set utf8mb4 collate utf8mb4_bin",
  word: "varchar(16) character set ascii collate ascii_bin",
  text: "mediumtext character set utf8mb4 collate utf8mb4_bin",
  long: "longtext character set utf8mb4 collate utf8mb4_bin",
  small: "smallint",
  int: "int",
  big: "bigint",
};

const mysql: Dialect = {
  name: "mysql",
  quote: (identifier) => `\`${identifier.replaceAll("`", "``")}\``,
  parameter: () => "?",
  types: mysqlTypes,
  serial: "bigint auto_increment",
  tableSuffix: " engine = innodb row_format = dynamic",
  rows: (parameter, alias, shape) =>
    `json_table(${parameter}, '$[*]' columns (${fields(shape, (name, kind) => `${name} ${mysqlTypes[kind]} path '$.${name}'`)})) as ${alias}`,
  join: "straight_join",
  update: ({ table, assign, from, where }) =>
    `update ${from} straight_join ${table} as j on ${where} set ${assignments(assign, "j.")}`,
  remove: (table, column, from) => `delete j from ${from} straight_join ${table} as j on j.${column} = i.id`,
  lock: "for update",
  lockFree: "for update skip locked",
  overwrite: (_, columns) => `on duplicate key update ${columns.map((name) => `${name} = values(${name})`).join(", ")}`,
  liveKey: "live_key",
  returning: undefined,
  writesNest: false,
  rowId: "id",
  isPicked: "j.id in (select row_id from picked)",
  dueAt: "j.due_at",
  useIndex: (name) => `force index (${name})`,
  partialIndexes: false,
  now: "timestampdiff(microsecond, '1970-01-01', utc_timestamp(6)) div 1000",
};

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
