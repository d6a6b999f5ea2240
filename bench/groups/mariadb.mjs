import { Kysely, MysqlDialect, sql } from "kysely";
import { createPool } from "mysql2";
import { storeTag } from "../bundle.mjs";
import { atBacklog, byFourAhead, drained, enqueued, fill, idle, named } from "../measure.mjs";
import { withSql } from "../sql.mjs";

/** Whose versions the report names. */
export const packages = ["kysely", "mysql2"];

const URL = process.env.JOBQ_BENCH_MYSQL ?? "mysql://root@127.0.0.1:3306/test";
const STORED = "jobq_bench_ready_";
const storedAs = (count) => `${STORED}${storeTag()}_${count}_`;
const open = () => new Kysely({ dialect: new MysqlDialect({ pool: createPool({ uri: URL, connectionLimit: 10 }) }) });

const withMaria = (prefix, work) => withSql(open(), { prefix }, work);

/** Works in tables of its own, which are gone afterwards. */
async function withFresh(work) {
  const prefix = `jobq_bench_round_${process.pid}_`;
  await dropTables(prefix);
  try {
    return await withMaria(prefix, work);
  } finally {
    await dropTables(prefix);
  }
}

async function dropTables(prefix) {
  const kysely = open();
  const { rows } = await sql`select table_name as name from information_schema.tables
    where table_schema = database() and left(table_name, ${prefix.length}) = ${prefix}`.execute(kysely);
  for (const { name } of rows) await sql`drop table ${sql.table(name)}`.execute(kysely);
  await kysely.destroy();
}

async function isThere() {
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

export async function workloads({ quick }) {
  if (!(await isThere())) return [];
  const count = quick ? 3000 : 20_000;
  const samples = quick ? 50 : 300;
  const sizes = [10_000, quick ? 50_000 : 1_000_000];
  const contenders = (work) => [{ name: "jobq", note: "jobs stay, with their results", run: () => withFresh(work) }];
  return [
    {
      id: "enqueue",
      warm: 1,
      title: "Enqueue, 100 callers",
      shape: `${named(count)} jobs, 100 callers, each awaiting one call after the other; ten connections.`,
      unit: "jobs/s",
      better: "more",
      contenders: contenders((svc) => enqueued(svc, count)),
    },
    {
      id: "drain",
      warm: 1,
      title: "Drain, one process",
      shape: `${named(count)} ready jobs. Four loops of \`reserve(topic, 100)\` and \`done()\` for each, which reserve the next while the last are settled.`,
      unit: "jobs/s",
      better: "more",
      contenders: contenders((svc) => drained(svc, count, byFourAhead)),
    },
    {
      id: "idle",
      warm: 1,
      title: "From enqueue to the start of the handler, idle",
      shape: `${samples} jobs, one at a time, 2 ms apart; producer and worker in one process.`,
      unit: "ms",
      better: "less",
      contenders: contenders((svc) => idle(svc, samples)),
    },
    {
      id: "backlog",
      title: "reserve(100) and done, by backlog",
      shape: "Ready jobs on one topic; the median of 200 times, the backlog filled up again after each.",
      unit: "ms",
      better: "less",
      ratio: [`jobq, ${named(sizes[1])} ready`, "jobq, 10,000 ready"],
      prepare: async () => {
        await dropTables(`${STORED}${storeTag()}_`);
        for (const size of sizes) await withMaria(storedAs(size), (svc) => fill(svc, size));
      },
      cleanUp: () => dropTables(STORED),
      contenders: sizes.map((size) => ({
        name: `jobq, ${named(size)} ready`,
        note: "",
        run: () => withMaria(storedAs(size), (svc) => atBacklog(svc, 200)),
      })),
    },
  ];
}
