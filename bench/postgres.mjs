import pg from "pg";
import { load } from "./bundle.mjs";
import { callers, countdown, latency, loops, payload, rate } from "./measure.mjs";

export const URL = process.env.JOBQ_BENCH_POSTGRES ?? "postgres://postgres@127.0.0.1:5432/test";
const CONNECTIONS = 10;

/** Whether a PostgreSQL can be reached. */
export async function isPostgresThere() {
  const client = new pg.Client({ connectionString: URL, connectionTimeoutMillis: 1000 });
  try {
    await client.connect();
    await client.query("select 1");
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}

export function openPool() {
  const pool = new pg.Pool({ connectionString: URL, max: CONNECTIONS });
  pool.on("error", () => {});
  pool.on("connect", (client) => client.on("error", () => {})); // graphile-worker asks for it
  return pool;
}

/** Drops the schemas of a run or round. */
export async function dropSchemas(prefix) {
  const pool = openPool();
  const { rows } = await pool.query("select nspname from pg_namespace where starts_with(nspname, $1)", [prefix]);
  for (const { nspname } of rows) await pool.query(`drop schema "${nspname}" cascade`);
  await pool.end();
}

/** Works in a schema of its own, which is gone afterwards. */
export async function withSchema(work) {
  const schema = `jobq_bench_round_${process.pid}`;
  try {
    return await work(schema);
  } finally {
    await dropSchemas(schema);
  }
}

/** jobq over Kysely. */
export async function openPgService(schema, { listens = false, keep } = {}) {
  const { Kysely, PostgresDialect } = await import("kysely");
  const { createService, migrate, preparedPool, sqlJobs, sqlTopics } = await load();
  const kysely = new Kysely({ dialect: new PostgresDialect({ pool: preparedPool(openPool()) }) });
  await migrate(kysely, { schema });
  const listen = listens ? { connectionString: URL } : undefined;
  const svc = createService({ jobs: sqlJobs(kysely, { schema }), topics: sqlTopics(kysely, { schema, listen }), keep });
  return {
    svc,
    kysely,
    async close() {
      await svc.close();
      await kysely.destroy();
    },
  };
}

/** Works with jobq in a schema of its own, which is gone afterwards. */
export function withPg(work, options) {
  return withSchema(async (schema) => {
    const { svc, close } = await openPgService(schema, options);
    try {
      return await work(svc, schema);
    } finally {
      await close();
    }
  });
}

const pages = (count) => Array.from({ length: count / 1000 }, (_, page) => page * 1000);
const page = (from) => Array.from({ length: 1000 }, (_, index) => payload(from + index));

/** graphile-worker, with its local queue, which takes many jobs at once. */
export function withGraphile(work) {
  return withSchema(async (schema) => {
    const { Logger, makeWorkerUtils, run } = await import("graphile-worker");
    const pgPool = openPool();
    const logger = new Logger(() => () => {});
    const utils = await makeWorkerUtils({ pgPool, schema, logger });
    await utils.migrate();
    const addPage = (from) => utils.addJobs(page(from).map((data) => ({ identifier: "work", payload: data })));
    const start = (handle, size) =>
      run({
        pgPool,
        schema,
        logger,
        concurrency: 100,
        noHandleSignals: true,
        taskList: { work: handle },
        preset: { worker: { localQueue: { size }, completeJobBatchDelay: 0, failJobBatchDelay: 0 } },
      });
    try {
      return await work({
        enqueue: async (count) => ({
          value: await rate(count, () => callers(count, 100, (index) => utils.addJob("work", payload(index)))),
        }),
        bulk: async (count) => ({
          value: await rate(count, async () => {
            for (const from of pages(count)) await addPage(from);
          }),
        }),
        async drain(count) {
          for (const from of pages(count)) await addPage(from);
          const { ended, tick } = countdown(count);
          let runner;
          const value = await rate(count, async () => {
            runner = await start(async () => {}, 500);
            runner.events.on("job:complete", tick);
            await ended;
          });
          await runner.stop();
          return { value };
        },
        async idle(samples) {
          let started = () => {};
          const runner = await start(async () => started(), -1);
          const measured = await latency(
            samples,
            2,
            (index) => utils.addJob("work", payload(index)),
            (listener) => {
              started = listener;
            },
          );
          await runner.stop();
          return measured;
        },
      });
    } finally {
      await utils.release();
      await pgPool.end();
    }
  });
}

/** pg-boss, by fetch and complete of a hundred, which is its fastest way. */
export function withBoss(work) {
  return withSchema(async (schema) => {
    const { default: PgBoss } = await import("pg-boss");
    const boss = new PgBoss({ connectionString: URL, max: CONNECTIONS, schema, supervise: false, schedule: false });
    boss.on("error", () => {});
    await boss.start();
    await boss.createQueue("work");
    const addPage = (from) => boss.insert(page(from).map((data) => ({ name: "work", data })));
    try {
      return await work({
        enqueue: async (count) => ({
          value: await rate(count, () => callers(count, 100, (index) => boss.send("work", payload(index)))),
        }),
        bulk: async (count) => ({
          value: await rate(count, async () => {
            for (const from of pages(count)) await addPage(from);
          }),
        }),
        async drain(count) {
          for (const from of pages(count)) await addPage(from);
          const fetch = () => boss.fetch("work", { batchSize: 100 });
          const loop = async () => {
            let worked = 0;
            let next = fetch();
            for (;;) {
              const jobs = await next;
              if (jobs.length === 0) return worked;
              next = fetch();
              const ids = jobs.map(({ id }) => id);
              await boss.complete("work", ids);
              worked += ids.length;
            }
          };
          return { value: await rate(count, () => loops(4, loop)) };
        },
        async work(count) {
          for (const from of pages(count)) await addPage(from);
          const { ended, tick } = countdown(count);
          const value = await rate(count, async () => {
            await boss.work("work", { batchSize: 100, pollingIntervalSeconds: 0.5 }, async (jobs) => {
              for (const _ of jobs) tick();
            });
            await ended;
          });
          return { value };
        },
        /** So few that polling twice a second does not take minutes. */
        async idle(samples) {
          let started = () => {};
          await boss.work("work", { pollingIntervalSeconds: 0.5 }, async () => started());
          return latency(
            Math.ceil(samples / 30),
            2,
            (index) => boss.send("work", payload(index)),
            (listener) => {
              started = listener;
            },
          );
        },
      });
    } finally {
      await boss.stop({ graceful: false, wait: false });
    }
  });
}
