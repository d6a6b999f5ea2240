import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { storeTag } from "../bundle.mjs";
import { atBacklog, byFourAhead, drained, enqueued, fill, idle, named, rate } from "../measure.mjs";
import {
  dropSchemas,
  isPostgresThere,
  openPgService,
  withBoss,
  withGraphile,
  withPg,
  withSchema,
} from "../postgres.mjs";

/** Whose versions the report names. */
export const packages = ["kysely", "pg", "graphile-worker", "pg-boss"];

const FLEET = fileURLToPath(new URL("../fleet.mjs", import.meta.url));
const STORED = "jobq_bench_ready_";
const storedIn = (count) => `${STORED}${storeTag()}_${count}`;

/** What one service enqueues and another, which only LISTEN tells of it, works. */
function idleByListen(samples) {
  return withSchema(async (schema) => {
    const sender = await openPgService(schema, { listens: true });
    const worker = await openPgService(schema, { listens: true });
    try {
      return await idle(worker.svc, samples, sender.svc);
    } finally {
      await sender.close();
      await worker.close();
    }
  });
}

/** Jobs in a schema of their own, made once a run and used by every round. */
async function stored(count) {
  const { svc, kysely, close } = await openPgService(storedIn(count));
  await fill(svc, count);
  const { sql } = await import("kysely");
  await sql`vacuum analyze`.execute(kysely);
  await close();
}

async function backlog(count) {
  const { svc, close } = await openPgService(storedIn(count));
  const measured = await atBacklog(svc, 200);
  await close();
  return measured;
}

/** `size` processes that drain one topic together. */
async function fleet(size, count) {
  return withPg(async (svc, schema) => {
    await fill(svc, count);
    const members = Array.from({ length: size }, () => fork(FLEET, [schema]));
    await Promise.all(members.map((member) => once(member, "message")));
    let total = 0;
    const value = await rate(count, async () => {
      const ends = members.map((member) => once(member, "message"));
      for (const member of members) member.send("go");
      for (const [worked] of await Promise.all(ends)) total += worked;
    });
    if (total !== count) throw new Error(`worked ${total} of ${count}`);
    return { value };
  });
}

const KEPT = "jobs stay, with their results";
const PEERS = [
  {
    name: "graphile-worker",
    note: "local queue of 500, concurrency 100; deletes jobs that are done",
    use: withGraphile,
  },
  { name: "pg-boss", note: "fetch and complete by the hundred; jobs stay", use: withBoss },
];

export async function workloads({ quick }) {
  if (!(await isPostgresThere())) return [];
  const count = quick ? 3000 : 20_000;
  const samples = quick ? 50 : 300;
  const sizes = [10_000, quick ? 50_000 : 1_000_000];
  const contenders = (jobq, method, argument) => [
    { name: "jobq", note: KEPT, run: () => withPg(jobq) },
    ...PEERS.map(({ name, note, use }) => ({ name, note, run: () => use((peer) => peer[method](argument)) })),
  ];
  const bulk = async (svc) => ({ value: await rate(count * 2, () => fill(svc, count * 2)) });
  return [
    {
      id: "enqueue",
      warm: 1,
      title: "Enqueue, 100 callers",
      shape: `${named(count)} jobs, 100 callers, each awaiting one call after the other; ten connections.`,
      unit: "jobs/s",
      better: "more",
      contenders: contenders((svc) => enqueued(svc, count), "enqueue", count),
    },
    {
      id: "bulk",
      warm: 1,
      title: "Enqueue, a thousand a call",
      shape: `${named(count * 2)} jobs, one call after the other.`,
      unit: "jobs/s",
      better: "more",
      contenders: contenders(bulk, "bulk", count * 2),
    },
    {
      id: "drain",
      warm: 1,
      title: "Drain, one process",
      shape: `${named(count)} ready jobs, a handler that does nothing. jobq: four loops of \`reserve(topic, 100)\` and \`done()\` for each, which reserve the next while the last are settled; pg-boss likewise.`,
      unit: "jobs/s",
      better: "more",
      contenders: contenders((svc) => drained(svc, count, byFourAhead), "drain", count),
    },
    {
      id: "idle",
      warm: 1,
      title: "From enqueue to the start of the handler, idle",
      shape: `${samples} jobs, one at a time, 2 ms apart; producer and worker in one process. pg-boss polls, every 500 ms at most often.`,
      unit: "ms",
      better: "less",
      contenders: [
        ...contenders((svc) => idle(svc, samples), "idle", samples),
        {
          name: "jobq, by LISTEN",
          note: "producer and worker are two services, as in two processes",
          run: () => idleByListen(samples),
        },
      ],
    },
    {
      id: "backlog",
      title: "reserve(100) and done, by backlog",
      shape: "Ready jobs on one topic; the median of 200 times, the backlog filled up again after each.",
      unit: "ms",
      better: "less",
      ratio: [`jobq, ${named(sizes[1])} ready`, "jobq, 10,000 ready"],
      prepare: async () => {
        await dropSchemas(`${STORED}${storeTag()}_`);
        for (const size of sizes) await stored(size);
      },
      cleanUp: () => dropSchemas(STORED),
      contenders: sizes.map((size) => ({
        name: `jobq, ${named(size)} ready`,
        note: "",
        run: () => backlog(size),
      })),
    },
    {
      id: "fleet",
      title: "Drain, several processes",
      shape: `${named(count * 4)} ready jobs, in processes that each run one loop of \`reserve(topic, 100)\` and \`done()\` for each.`,
      unit: "jobs/s",
      better: "more",
      contenders: [1, 4].map((size) => ({
        name: `jobq, ${size === 1 ? "one process" : `${size} processes`}`,
        note: "",
        run: () => fleet(size, count * 4),
      })),
    },
  ];
}
