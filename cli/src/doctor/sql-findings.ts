import { open } from "node:fs/promises";
import { sql } from "kysely";
import { span } from "../output/ages.ts";
import type { SqlStore } from "../store/opened-store.ts";
import type { Finding } from "./finding.ts";

const LONG_MS = 300_000;

/** What a database tells of what hurts a queue in it. */
export async function sqlFindings(store: SqlStore): Promise<readonly Finding[]> {
  if (store.dialect === "postgres") return postgresFindings(store);
  return store.dialect === "sqlite" ? sqliteFindings(store) : mysqlFindings(store);
}

async function postgresFindings({ kysely, layout }: SqlStore): Promise<readonly Finding[]> {
  const { rows: settings } = await sql<{ name: string; setting: string }>`
    select name, setting from pg_settings where name in ('autovacuum', 'synchronous_commit')`.execute(kysely);
  const setting = new Map(settings.map(({ name, setting }) => [name, setting]));
  const table = `${layout.prefix ?? "jobq_"}jobs`;
  const { rows: dead } = await sql<{ dead: string; live: string }>`
    select n_dead_tup as dead, n_live_tup as live from pg_stat_user_tables
    where relname = ${table} and schemaname = coalesce(${layout.schema ?? null}, current_schema())`.execute(kysely);
  const { rows: open } = await sql<{ pid: number; ms: string }>`
    select pid, (extract(epoch from now() - xact_start) * 1000)::bigint as ms from pg_stat_activity
    where datname = current_database() and xact_start is not null and pid <> pg_backend_pid()
    order by xact_start limit 1`.execute(kysely);
  return [
    transactionFinding(open[0], "It keeps vacuum from removing what jobs leave behind."),
    deadRowsFinding(Number(dead[0]?.dead ?? 0), Number(dead[0]?.live ?? 0)),
    setting.get("autovacuum") === "off"
      ? {
          level: "bad",
          about: "vacuum",
          text: "autovacuum is off",
          advice: "Turn it on: a queue changes its rows all the time.",
        }
      : { level: "good", about: "vacuum", text: "autovacuum is on" },
    setting.get("synchronous_commit") === "off"
      ? {
          level: "warning",
          about: "durability",
          text: "synchronous_commit is off: a crash loses what was acknowledged last",
        }
      : { level: "good", about: "durability", text: "commits are synchronous" },
  ];
}

function transactionFinding(
  oldest: { readonly pid: number; readonly ms: string } | undefined,
  advice: string,
): Finding {
  const about = "transactions";
  if (!oldest) return { level: "good", about, text: "none is open" };
  const ms = Number(oldest.ms);
  const text = `the oldest is open for ${span(ms)} (process ${oldest.pid})`;
  if (ms < LONG_MS) return { level: "good", about, text };
  return { level: "warning", about, text, advice };
}

function deadRowsFinding(dead: number, live: number): Finding {
  const text = `${dead} dead rows beside ${live} live ones`;
  if (dead < 100_000 || dead < live) return { level: "good", about: "dead rows", text };
  return {
    level: "warning",
    about: "dead rows",
    text,
    advice: "Look for long transactions, and let autovacuum run more often.",
  };
}

async function mysqlFindings({ kysely }: SqlStore): Promise<readonly Finding[]> {
  const { rows } = await sql<{ flush: number }>`select @@innodb_flush_log_at_trx_commit as flush`.execute(kysely);
  const flush = Number(rows[0]?.flush);
  return [
    transactionFinding(await oldestMysqlTransaction(kysely), "It keeps InnoDB from removing what jobs leave behind."),
    flush === 1
      ? { level: "good", about: "durability", text: "commits are synchronous" }
      : {
          level: "warning",
          about: "durability",
          text: `innodb_flush_log_at_trx_commit is ${flush}: a crash loses what was acknowledged last`,
        },
  ];
}

/**
 * Undefined too where the user may not see those of others: that takes the privilege PROCESS. InnoDB tells when they began
 * by the clock of the machine, whatever the time zone of the session.
 */
async function oldestMysqlTransaction(
  kysely: SqlStore["kysely"],
): Promise<{ readonly pid: number; readonly ms: string } | undefined> {
  try {
    const { rows } = await sql<{ pid: number; ms: string }>`
      select trx_mysql_thread_id as pid,
        timestampdiff(second, trx_started, convert_tz(now(), @@session.time_zone, 'SYSTEM')) * 1000 as ms
      from information_schema.innodb_trx where trx_mysql_thread_id <> connection_id()
      order by trx_started limit 1`.execute(kysely);
    return rows[0];
  } catch (error) {
    if ((error as { readonly code?: unknown }).code === "ER_SPECIFIC_ACCESS_DENIED_ERROR") return undefined;
    throw error;
  }
}

async function sqliteFindings({ kysely }: SqlStore): Promise<readonly Finding[]> {
  const { rows } = await sql<{ journal_mode: string }>`pragma journal_mode`.execute(kysely);
  const { rows: files } = await sql<{ file: string }>`select file from pragma_database_list`.execute(kysely);
  return [journalFinding(rows[0]?.journal_mode), await writableFinding(files[0]?.file ?? "")];
}

function journalFinding(mode: string | undefined): Finding {
  if (mode === "wal") return { level: "good", about: "journal", text: "write-ahead log" };
  return {
    level: "warning",
    about: "journal",
    text: `journal_mode is ${mode}`,
    advice: "A write-ahead log lets reads go on beside writes.",
  };
}

async function writableFinding(file: string): Promise<Finding> {
  const about = "writing";
  try {
    await (await open(file, "r+")).close();
    return { level: "good", about, text: "this user may write the file" };
  } catch (error) {
    const text = `this user may not write the file: ${(error as Error).message}`;
    return { level: "warning", about, text, advice: "Whoever serves the queue must." };
  }
}
