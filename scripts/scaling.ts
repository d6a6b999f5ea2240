/**
 * What one PostgreSQL carries, as docs/scaling.md has it: `npm run measure:scaling`, over the PostgreSQL at
 * JOBQ_TEST_POSTGRES_URL, in schemas of their own; the parts `standby` and `feedback` over pairs of servers that they
 * start. Each part by itself: `-- processes`, and so on.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { createService } from "@jobq/service";
import { migrate, preparedPool, sqlJobs, sqlTopics } from "@jobq/sql-kysely";
import { Kysely, PostgresDialect, sql } from "kysely";
import pg from "pg";
import { commandLine, oneOf } from "./arguments.mjs";
import { measureFeedback } from "./scaling/feedback.ts";
import { drain, fill, middle, rate } from "./scaling/loops.ts";
import { measureStandby } from "./scaling/standby.ts";

const URL = process.env.JOBQ_TEST_POSTGRES_URL ?? "postgres://postgres@127.0.0.1:5432/test";
const COUNT = 12_000;
let statements = 0;

async function open(schema: string, max = 10) {
  const pool = new pg.Pool({ connectionString: URL, max });
  const kysely = new Kysely<unknown>({
    dialect: new PostgresDialect({ pool: preparedPool(pool) }),
    log: () => {
      statements += 1;
    },
  });
  const where = { schema };
  await migrate(kysely, where);
  const make = () => createService({ jobs: sqlJobs(kysely, where), topics: sqlTopics(kysely, where) });
  return { kysely, make };
}

async function fresh(work: (opened: Awaited<ReturnType<typeof open>>, schema: string) => Promise<void>, max?: number) {
  const schema = `jobq_scaling_${process.pid}`;
  const opened = await open(schema, max);
  await work(opened, schema);
  await sql`drop schema ${sql.id(schema)} cascade`.execute(opened.kysely);
  await opened.kysely.destroy();
}

const PARTS: Readonly<Record<string, () => Promise<void>>> = {
  async processes() {
    for (const size of [1, 2, 4, 8]) {
      await fresh(async ({ make }, schema) => {
        const svc = make();
        await fill(svc, COUNT * 2);
        const members = Array.from({ length: size }, () => fork(import.meta.filename, ["member", schema]));
        await Promise.all(members.map((member) => once(member, "message")));
        const drained = await rate(COUNT * 2, async () => {
          for (const member of members) member.send("go");
          await Promise.all(members.map((member) => once(member, "exit")));
        });
        console.log(`${size} processes drain ${drained} jobs/s`);
        await svc.close();
      });
    }
  },
  async connections() {
    for (const max of [1, 2, 5, 10, 20]) {
      await fresh(async ({ make }) => {
        const services = [make(), make(), make(), make()];
        const caller = async (index: number) => {
          for (let call = 0; call < COUNT / 100; call += 1) await services[index % 4]?.enqueue("work", call);
        };
        const value = await rate(COUNT, () => Promise.all(Array.from({ length: 100 }, (_, index) => caller(index))));
        console.log(`${max} connections: 100 callers of 4 services enqueue ${value} jobs/s`);
        for (const svc of services) await svc.close();
      }, max);
    }
  },
  async payload() {
    for (const bytes of [60, 1_000, 10_000, 100_000]) {
      const count = Math.min(COUNT, 40_000_000 / bytes);
      await fresh(async ({ make }) => {
        const svc = make();
        const enqueued = await rate(count, () => fill(svc, count, bytes));
        console.log(`payload of ${bytes}: enqueued ${enqueued}, drained ${await rate(count, () => drain(svc))} jobs/s`);
        await svc.close();
      });
    }
  },
  async history() {
    await fresh(async ({ make }) => {
      const svc = make();
      for (let history = 0; history <= 200_000; history += 50_000) {
        await fill(svc, COUNT);
        const drained = await rate(COUNT, () => drain(svc));
        console.log(`after about ${history + (history / 50_000) * COUNT} ended jobs: drained ${drained} jobs/s`);
        await fill(svc, 50_000);
        await Promise.all([drain(svc), drain(svc)]);
      }
      await svc.close();
    });
  },
  async transaction() {
    for (const isOpen of [false, true]) {
      await fresh(async ({ kysely, make }, schema) => {
        const svc = make();
        const trx = isOpen ? await kysely.startTransaction().setIsolationLevel("repeatable read").execute() : undefined;
        if (trx) await sql`select count(*) from pg_class`.execute(trx);
        for (let round = 1; round <= 5; round += 1) {
          const times: number[] = [];
          await fill(svc, COUNT);
          const drained = await rate(COUNT, () => drain(svc, times));
          const table = sql.lit(`${schema}.jobq_jobs`);
          const { rows } = await sql<{ mb: number }>`select pg_total_relation_size(${table}) / 1048576 as mb`.execute(
            kysely,
          );
          console.log(
            `${isOpen ? "a transaction open" : "none open"}, round ${round}: ${drained} jobs/s, claim ${middle(times).toFixed(1)} ms, ${rows[0]?.mb} MB`,
          );
        }
        await trx?.rollback().execute();
        await svc.close();
      });
    }
  },
  async workers() {
    for (const busy of [false, true]) {
      for (const count of [10, 50, 100]) {
        await fresh(async ({ make }) => {
          const { createWorker, defineJob } = await import("@jobq/service/worker");
          const sleep = defineJob("sleep", {
            topic: "work",
            run: () => new Promise<void>((resolve) => setTimeout(resolve, 6_000)),
          });
          const services = Array.from({ length: count }, make);
          const workers = services.map((svc) =>
            createWorker(svc, { jobs: [sleep], topics: { work: { concurrency: 5 } }, lease: "6s" }),
          );
          for (const worker of workers) await worker.start();
          if (busy) for (let job = 0; job < count * 10; job += 1) await services[0]?.enqueue(sleep, undefined);
          await new Promise((resolve) => setTimeout(resolve, 4_000));
          const before = statements;
          await new Promise((resolve) => setTimeout(resolve, 6_000));
          console.log(
            `${count} ${busy ? "busy" : "idle"} workers: ${((statements - before) / 6).toFixed(1)} statements/s`,
          );
          await Promise.all(workers.map((worker) => worker.stop({ deadline: 0 })));
          for (const svc of services) await svc.close();
        }, 20);
      }
    }
  },
  standby: measureStandby,
  feedback: measureFeedback,
};

const [part, schema = ""] = process.argv.slice(2);
if (part === "member") {
  const { kysely, make } = await open(schema, 4);
  const svc = make();
  await svc.tally();
  process.once("message", async () => {
    await Promise.all([drain(svc), drain(svc)]);
    await svc.close();
    await kysely.destroy();
    process.exit(0);
  });
  process.send?.("ready");
} else {
  const names = Object.keys(PARTS);
  const chosen = part === undefined ? names : [commandLine(() => oneOf("the part", names, part))];
  for (const name of chosen) await PARTS[name]?.();
}
