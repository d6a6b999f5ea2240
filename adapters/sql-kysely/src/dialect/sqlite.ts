import type { Dialect } from "./dialect.ts";
import { fieldList } from "./lists.ts";
import { plainTypes, postgres } from "./postgres.ts";

const isAmong: Dialect["isAmong"] = (column, select) => `${column} in (${select})`;

/** SQLite. */
export const sqlite: Dialect = {
  name: "sqlite",
  quote: postgres.quote,
  literal: postgres.literal,
  parameter: () => "?", // better-sqlite3 takes numbered ones for names
  types: { ...plainTypes, small: "integer", int: "integer", big: "integer" },
  serial: "integer",
  tableSuffix: "",
  // The limit has each field looked up once in a row, not wherever it is named: three times as fast for new jobs.
  rows: (parameter, alias, shape) =>
    `(select ${fieldList(shape, (name) => `value ->> '${name}' as ${name}`)} from json_each(${parameter}) limit -1) as ${alias}`,
  sought: (parameter, alias, shape) => sqlite.rows(parameter, alias, shape),
  added: (parameter, alias, shape) => sqlite.rows(parameter, alias, shape),
  has: (column, value) => `${column} = ${value}`,
  forEach: (table, select) => `cross join ${table} as j on j.id in (${select})`,
  join: "cross join", // SQLite's way of saying in which order to look
  joinsByRange: true,
  byKey: "",
  update: postgres.update,
  removeMet: ({ table, from, where }) =>
    `delete from ${table} as j where rowid in (select j.rowid from ${from} cross join ${table} as j where ${where})`,
  remove: (table, columns, from) =>
    `delete from ${table} where ${isAmong(`(${columns})`, `select ${columns.map((name) => `i.${name}`)} from ${from}`)}`,
  lock: "",
  lockFree: "",
  skipsLocked: true, // nobody else holds anything
  plansLast: true,
  prefix: "",
  hurried: {},
  locksRows: false,
  lockShared: "",
  isolation: undefined,
  overwrite: postgres.overwrite,
  concat: postgres.concat,
  returning: (columns) => `returning ${columns.join(", ")}`,
  writesNest: false,
  rowId: "rowid",
  isAmong,
  useIndex: () => "",
  unindexed: (column) => `+${column}`,
  partialIndexes: true,
  namedLocks: false,
  now: "cast(round((julianday('now') - 2440587.5) * 86400000) as integer)",
};
