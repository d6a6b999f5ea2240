import { newId } from "@jobq/core";
import { sql } from "kysely";
import { type SqlLayoutOptions, sqlJobs, sqlTopics } from "../src/index.ts";
import { connectTo } from "./connect.ts";

/** What a worker is told on its command line, as JSON. */
export interface WorkerOrder {
  readonly dialect: "sqlite" | "postgres" | "mysql";
  readonly url: string;
  readonly options: SqlLayoutOptions;
  readonly forMs: number;
  /** Reserve everything and wait to be killed. */
  readonly hold?: boolean;
  /** Work until killed, each job with an effect in the same transaction. */
  readonly effects?: boolean;
}

/** What a worker reports at its end. */
export interface WorkerReport {
  readonly inserted: number;
  /** `id token` of every reservation. */
  readonly reserved: readonly string[];
  readonly done: number;
  readonly refused: number;
}

const { dialect, url, options, forMs, hold, effects } = JSON.parse(process.argv[2] ?? "") as WorkerOrder;
const kysely = connectTo(dialect, url);
const store = sqlTopics(kysely, options).fuse?.(sqlJobs(kysely, options));
if (!store) throw new Error("the repositories do not fuse");
const by = `worker ${process.pid}`;

if (hold) {
  const [jobs = []] = await store.reserve([{ topic: "held", limit: 100, by, leaseMs: 60_000 }], Date.now());
  console.log(JSON.stringify(jobs.map(({ id }) => id)));
  setInterval(() => {}, 1_000);
} else if (effects) {
  console.log("ready");
  for (;;) {
    await store.expire(Date.now(), 100);
    const [jobs = []] = await store.reserve([{ topic: "effects", limit: 5, by, leaseMs: 1 }], Date.now());
    for (const { id, token } of jobs) {
      await kysely.transaction().execute(async (trx) => {
        await sql`insert into effects (job) values (${id})`.execute(trx);
        const done = { type: "done", id, token } as const;
        const [outcome] = (await store.within?.(trx).commit([{ now: Date.now(), apply: [done] }])) ?? [];
        if (!outcome?.ok) throw new Error(`job ${id} was not settled`);
      });
    }
  }
} else {
  const end = Date.now() + forMs;
  const reserved: string[] = [];
  let [inserted, done, refused] = [0, 0, 0];
  while (Date.now() < end) {
    const now = Date.now();
    const insert = Array.from({ length: 20 }, (_, index) => ({
      ...{
        id: newId(now),
        topic: `topic ${index % 2}`,
        name: "work",
        weight: index % 3,
        createdAt: now,
        payload: "{}",
      },
      ...{
        maxRetries: 3,
        maxLeaseLosses: 3,
        timeoutMs: 30_000,
        state: "ready" as const,
      },
      ...{ token: 0, attempt: 0, leaseLosses: 0, resetCount: 0 },
    }));
    inserted += insert.length;
    const claims = [0, 1].map((index) => ({ topic: `topic ${index}`, limit: 10, by }));
    const [, answers] = await Promise.all([
      store.commit(insert.map((job) => ({ now, insert: [job] }))),
      store.reserve(claims, now),
    ]);
    const jobs = answers.flat();
    reserved.push(...jobs.map(({ id, token }) => `${id} ${token}`));
    const settled = await store.commit(
      jobs.map(({ id, token }, index) => {
        const change =
          index % 10 === 0 ? ({ type: "release", id, token } as const) : ({ type: "done", id, token } as const);
        return { now: Date.now(), apply: [change] };
      }),
    );
    refused += settled.filter(({ ok }) => !ok).length;
    done += settled.filter((outcome) => outcome.ok && outcome.changed[0]?.state === "done").length;
  }
  await store.jobs.close();
  await kysely.destroy();
  console.log(JSON.stringify({ inserted, reserved, done, refused } satisfies WorkerReport));
}
