import type { Dialect, Kind } from "./dialect.ts";
import { assignmentList, fieldList } from "./lists.ts";
import { sqlite } from "./sqlite.ts";

const mysqlTypes: Readonly<Record<Kind, string>> = {
  id: "varchar(64) character set ascii collate ascii_bin",
  key: "varchar(512) character set utf8mb4 collate utf8mb4_bin",
  word: "varchar(16) character set ascii collate ascii_bin",
  label: "varchar(32) character set ascii collate ascii_bin",
  text: "mediumtext character set utf8mb4 collate utf8mb4_bin",
  long: "longtext character set utf8mb4 collate utf8mb4_bin",
  small: "smallint",
  int: "int",
  big: "bigint",
};

/** Small tables it would rather read whole, and lock whole in passing, so that strangers wait for each other. */
const byKey = "force index (primary)";

/** MySQL from 8.0 on, and MariaDB from 10.6 on. */
export const mysql: Dialect = {
  name: "mysql",
  quote: (identifier) => `\`${identifier.replaceAll("`", "``")}\``,
  literal: (text) => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`,
  parameter: () => "?",
  types: mysqlTypes,
  serial: "bigint auto_increment",
  tableSuffix: " engine = innodb row_format = dynamic",
  rows: (parameter, alias, shape) =>
    `json_table(${parameter}, '$[*]' columns (${fieldList(shape, (name, kind) => `${name} ${mysqlTypes[kind]} path '$.${name}'`)})) as ${alias}`,
  sought: (parameter, alias, shape) => mysql.rows(parameter, alias, shape),
  added: (parameter, alias, shape) => mysql.rows(parameter, alias, shape),
  has: sqlite.has,
  forEach: undefined, // MariaDB has no lateral joins
  join: "straight_join",
  joinsByRange: false, // it reads all with the equal value
  byKey,
  update: ({ table, assign, from, where }) =>
    `update ${from} straight_join ${table} as j ${byKey} on ${where} set ${assignmentList(assign, "j.")}`,
  removeMet: ({ table, from, where }) => `delete j from ${from} straight_join ${table} as j ${byKey} on ${where}`,
  remove: (table, columns, from, index = "primary") =>
    `delete j from ${from} straight_join ${table} as j force index (${index})
      on ${columns.map((name) => `j.${name} = i.${name}`).join(" and ")}`,
  lock: "for update",
  lockFree: "for update skip locked",
  skipsLocked: true,
  plansLast: false,
  prefix: "",
  hurried: { prefix: "/*M! set statement innodb_lock_wait_timeout = 0 for */ " }, // MySQL has no such thing
  locksRows: true,
  lockShared: "lock in share mode",
  isolation: undefined,
  overwrite: (_, columns) => `on duplicate key update ${columns.map((name) => `${name} = values(${name})`).join(", ")}`,
  concat: (a, b) => `concat(${a}, ${b})`,
  returning: undefined,
  writesNest: false,
  rowId: "id",
  isAmong: sqlite.isAmong,
  useIndex: (name) => `force index (${name})`,
  unindexed: (column) => column, // what is in such an index is found by its id, and then sorted
  partialIndexes: false,
  namedLocks: true,
  now: "timestampdiff(microsecond, '1970-01-01', utc_timestamp(6)) div 1000",
};
