import { appendFileSync, existsSync } from "node:fs";
import { join } from "node:path";
import { migrate } from "@jobq/sql-kysely";
import { type Kysely, sql } from "kysely";
import pg from "pg";
import { type PostgresMember, type PostgresPair, startPair } from "../../adapters/sql-kysely/test/postgres-pair.ts";
import { drain, fill, middle, rate } from "./loops.ts";
import { DEBIAN, open } from "./standby.ts";

const ROUNDS = 5;
const COUNT = 12_000;
const DELAY_SECONDS = 5;

/**
 * What a read on a standby that does not end does, with and without `hot_standby_feedback`, while its primary drains
 * and vacuums.
 */
export async function measureFeedback(): Promise<void> {
  for (const feedback of ["no read", "off", "on"]) {
    const pair = await startPair(existsSync(DEBIAN) ? DEBIAN : undefined);
    const work = open(pair.primary);
    await migrate(work.kysely);
    await sql`alter table jobq_jobs set (autovacuum_enabled = off)`.execute(work.kysely); // the rounds vacuum themselves
    await fill(work.svc, COUNT);
    await drain(work.svc);
    const read = feedback === "no read" ? undefined : await readLong(pair, feedback);
    for (let round = 1; round <= ROUNDS; round += 1) {
      const times: number[] = [];
      await fill(work.svc, COUNT);
      const drained = await rate(COUNT, () => drain(work.svc, times));
      await sql`vacuum jobq_jobs`.execute(work.kysely);
      const size = await sizeOf(work.kysely);
      console.log(`${feedback}, round ${round}: ${drained} jobs/s, claim ${middle(times).toFixed(1)} ms, ${size}`);
    }
    console.log(`${feedback}: ${(await read?.stop()) ?? "nothing was read"}`);
    await work.svc.close();
    await work.kysely.destroy();
    await pair.stop();
  }
}

/** Begins a statement on the standby that holds its snapshot; `stop` ends it and tells what became of it. */
async function readLong({ primary, standby }: PostgresPair, feedback: string): Promise<{ stop(): Promise<string> }> {
  const settings = `hot_standby_feedback = ${feedback}\nmax_standby_streaming_delay = ${DELAY_SECONDS}s\n`;
  appendFileSync(join(standby.data, "postgresql.auto.conf"), `${settings}wal_receiver_status_interval = 1s\n`);
  standby.run("pg_ctl", "reload", "-D", standby.data);
  const client = new pg.Client({ connectionString: standby.url });
  await client.connect();
  await catchUp(primary, client);
  const began = performance.now();
  let outcome = "the read went on to the end";
  const { rows } = await client.query("select pg_backend_pid() as pid");
  const count = "select count(*) from jobq_jobs"; // counted first, so that no page is pinned while it sleeps
  const reading = client.query(`select pg_sleep(3600) from (${count}) as counted`).catch((error: pg.DatabaseError) => {
    outcome = `the read was ended after ${((performance.now() - began) / 1000).toFixed(1)} s: ${error.code}, ${error.detail}`;
  });
  await new Promise((resolve) => setTimeout(resolve, 3000)); // its snapshot has been told to the primary by then
  return {
    async stop() {
      const told = outcome;
      const other = new pg.Client({ connectionString: standby.url });
      await other.connect();
      await other.query("select pg_cancel_backend($1)", [rows[0].pid]);
      await reading;
      await Promise.all([other.end(), client.end()]);
      return told;
    },
  };
}

/** Resolves when the standby has replayed all that the primary has: a snapshot from before would be in its way at once. */
async function catchUp(primary: PostgresMember, reader: pg.Client): Promise<void> {
  const writer = new pg.Client({ connectionString: primary.url });
  await writer.connect();
  const { rows } = await writer.query("select pg_current_wal_lsn() as lsn");
  await writer.end();
  const hasCome = async (): Promise<boolean> =>
    (await reader.query("select pg_last_wal_replay_lsn() >= $1::pg_lsn as come", [rows[0].lsn])).rows[0].come;
  while (!(await hasCome())) await new Promise((resolve) => setTimeout(resolve, 100));
}

/** The size of the table with its indexes, and the dead rows that vacuum left. */
async function sizeOf(kysely: Kysely<unknown>): Promise<string> {
  const { rows } = await sql<{ mb: number; dead: number }>`
    select round(pg_total_relation_size('jobq_jobs') / 1048576.0) as mb,
      (select n_dead_tup from pg_stat_user_tables where relname = 'jobq_jobs') as dead`.execute(kysely);
  return `${rows[0]?.mb} MB, ${rows[0]?.dead} dead rows`;
}
