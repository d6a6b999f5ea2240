import type { Dialect, Shape } from "./dialect.ts";
import { assignmentList, fieldList } from "./lists.ts";

const exactText = 'text collate "C"';
const postgresTypes = { small: "smallint", int: "integer", big: "bigint", text: "text", long: "text" };
/** The types of fields. */
export const plainTypes = { ...postgresTypes, id: "text", key: "text", word: "text", label: "text" };

const ONE_ROW = "generate_series(1, :one) as one";
/** Longer than a commit of others takes, shorter than anybody minds. */
const HURRY = "(select set_config('lock_timeout', '5ms', true)) as hurry";

/**
 * `text` first: some drivers encode once more what they know to be json. The limit tells the planner how many rows there
 * are, which would count on a hundred, and so find statements costly enough to compile them. The series has one row, but
 * a plan that is made without its parameter counts on a thousand: so a prepared statement is planned each time for the
 * table as it is, never with a plan from when the table was small. Planning takes longer than to run it for one row: what
 * is only added to a table, where no other plan is better, goes without the series.
 *
 * Of rows that are sought it is to expect one, as it does after two limits that it does not know, so that it looks each of
 * them up by an index, the only way to join by what {@link has} says. Otherwise a table that was empty when it was
 * vacuumed last, which counts as one of a single row, would be read whole, and each of its rows looked for among these.
 * Their series comes after the limits, where it still counts.
 */
function rowsBeside(...others: string[]): Pick<Dialect, "rows" | "sought" | "added"> {
  const rows = (parameter: string, shape: Shape, limit: string, beside = [ONE_ROW, ...others]): string =>
    `select r.* from ${beside.map((other) => `${other} cross join `).join("")}json_to_recordset(${parameter}::text::json)
      as r(${fieldList(shape, (name, kind) => `${name} ${plainTypes[kind]}`)}) limit ${limit}`;
  return {
    rows: (parameter, alias, shape) => `(${rows(parameter, shape, `${parameter}_count`)}) as ${alias}`,
    sought(parameter, alias, shape) {
      const limit = `(select ${parameter}_count::bigint)`;
      const few = `(select r.* from (${rows(parameter, shape, limit, others)}) as r limit ${limit}) as few`;
      return `(select few.* from ${ONE_ROW} cross join ${few}) as ${alias}`;
    },
    added: (parameter, alias, shape) => `(${rows(parameter, shape, `${parameter}_count`, others)}) as ${alias}`,
  };
}

/** Not by `in`, by which each row of such a table would be compared with each of the values. */
const isAmong: Dialect["isAmong"] = (column, select) => `${column} = any(array(${select}))`;

const has: Dialect["has"] = (column, value) => `${column} = any(array[${value}])`;

const removeMet: Dialect["removeMet"] = ({ table, from, where }) =>
  `delete from ${table} as j using ${from} where ${where}`;

/** PostgreSQL, and what speaks its language. */
export const postgres: Dialect = {
  name: "postgres",
  quote: (identifier) => `"${identifier.replaceAll('"', '""')}"`,
  literal: (text) => `'${text.replaceAll("'", "''")}'`,
  parameter: (position) => `$${position}`,
  types: { ...postgresTypes, id: exactText, key: exactText, word: exactText, label: exactText },
  serial: "bigint generated always as identity",
  tableSuffix: "",
  ...rowsBeside(),
  has,
  forEach: (table, select) => `cross join lateral (${select}) as f join ${table} as j on j.id = f.id`,
  join: "join",
  joinsByRange: true,
  byKey: "",
  update: ({ table, assign, from, where }) =>
    `update ${table} as j set ${assignmentList(assign)} from ${from} where ${where}`,
  removeMet,
  remove(table, columns, from) {
    const [column = "", ...more] = columns;
    if (more.length === 0) return `delete from ${table} where ${isAmong(column, `select i.${column} from ${from}`)}`;
    const met = [has(`j.${column}`, `i.${column}`), ...more.map((name) => `j.${name} = i.${name}`)];
    return removeMet({ table, from, where: met.join(" and ") });
  },
  lock: "for update of j",
  lockFree: "for update of j skip locked",
  skipsLocked: true,
  plansLast: false,
  prefix: "",
  hurried: rowsBeside(HURRY),
  locksRows: true,
  lockShared: "for share of j",
  isolation: "select current_setting('transaction_isolation') as isolation",
  overwrite: (key, columns) =>
    `on conflict (${key.join(", ")}) do update set ${columns.map((name) => `${name} = excluded.${name}`).join(", ")}`,
  concat: (a, b) => `${a} || ${b}`,
  returning: (columns) => `returning ${columns.map((name) => `j.${name}`).join(", ")}`,
  writesNest: true,
  rowId: "ctid",
  isAmong,
  useIndex: () => "",
  unindexed: (column) => `(${column} || '')`,
  partialIndexes: true,
  namedLocks: true,
  now: "floor(extract(epoch from clock_timestamp()) * 1000)::bigint",
};
