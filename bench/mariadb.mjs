import { Kysely, MysqlDialect, sql } from "kysely";
import { createPool } from "mysql2";
import { withSql } from "./sql.mjs";

const URL = process.env.JOBQ_BENCH_MYSQL ?? "mysql://root@127.0.0.1:3306/test";
const open = () => new Kysely({ dialect: new MysqlDialect({ pool: createPool({ uri: URL, connectionLimit: 10 }) }) });

/** Works with jobq in tables of that prefix. */
export const withMaria = (prefix, work) => withSql(open(), { prefix }, work);

/** Works in tables of its own, which are gone afterwards. */
export async function withFreshMaria(work) {
  const prefix = `jobq_bench_round_${process.pid}_`;
  await dropTables(prefix);
  try {
    return await withMaria(prefix, work);
  } finally {
    await dropTables(prefix);
  }
}

export async function dropTables(prefix) {
  const kysely = open();
  const { rows } = await sql`select table_name as name from information_schema.tables
    where table_schema = database() and left(table_name, ${prefix.length}) = ${prefix}`.execute(kysely);
  for (const { name } of rows) await sql`drop table ${sql.table(name)}`.execute(kysely);
  await kysely.destroy();
}

/** Whether a MariaDB can be reached. */
export async function isMariaThere() {
  const kysely = open();
  try {
    await sql`select 1`.execute(kysely);
    return true;
  } catch {
    return false;
  } finally {
    await kysely.destroy();
  }
}
