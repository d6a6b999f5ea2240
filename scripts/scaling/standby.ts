import { existsSync, readFileSync } from "node:fs";
import { createService, type JobService } from "@jobq/service";
import { exportJobs } from "@jobq/service/transfer";
import { migrate, preparedPool, sqlJobs, sqlTopics } from "@jobq/sql-kysely";
import { Kysely, PostgresDialect } from "kysely";
import pg from "pg";
import { type PostgresMember, type PostgresPair, startPair } from "../../adapters/sql-kysely/test/postgres-pair.ts";
import { drain, fill, middle } from "./loops.ts";

/** Where Debian has the programs, `pg_basebackup` among them. */
export const DEBIAN = "/usr/lib/postgresql/15/bin";
const HISTORY = 50_000;
const LOOKS = 500;
const LAG_SAMPLES = 200;

/** What reading takes of a primary and of its standby, done on either; and how far the standby is behind. */
export async function measureStandby(): Promise<void> {
  const pair = await startPair(existsSync(DEBIAN) ? DEBIAN : undefined);
  const work = open(pair.primary);
  await migrate(work.kysely);
  await fill(work.svc, HISTORY);
  await drain(work.svc);
  const reader = open(pair.standby);
  for (const [place, svc] of Object.entries({ primary: work.svc, standby: reader.svc })) {
    const spent = await spentBy(pair, async () => {
      for (let look = 0; look < LOOKS; look += 1) await lookAt(svc);
    });
    console.log(`${LOOKS} looks at the ${place}: ${spent}`);
    const exported = await spentBy(pair, async () => {
      for await (const _ of exportJobs(svc));
    });
    console.log(`an export of ${HISTORY} jobs from the ${place}: ${exported}`);
  }
  await measureLag(work.svc, reader.svc);
  for (const { svc, kysely } of [work, reader]) {
    await svc.close();
    await kysely.destroy();
  }
  await pair.stop();
}

/** A service that looks in the background for nothing, so that what is measured is what is asked for. */
export function open({ url }: PostgresMember) {
  const kysely = new Kysely<unknown>({
    dialect: new PostgresDialect({ pool: preparedPool(new pg.Pool({ connectionString: url })) }),
  });
  return { kysely, svc: createService({ jobs: sqlJobs(kysely), topics: sqlTopics(kysely), maintenance: false }) };
}

/** As a dashboard does. */
async function lookAt(svc: JobService): Promise<void> {
  await Promise.all([svc.tally(), svc.topics(), svc.find({ order: "newest", limit: 50 })]);
}

/** What some work took of either server's CPU time. */
async function spentBy({ primary, standby }: PostgresPair, work: () => Promise<void>): Promise<string> {
  const before = [cpuMs(primary), cpuMs(standby)] as const;
  await work();
  return `${cpuMs(primary) - before[0]} ms of the primary's CPU, ${cpuMs(standby) - before[1]} of the standby's`;
}

/** How long after its acknowledgement a job is seen on the standby, while others are enqueued without pause. */
async function measureLag(work: JobService, reader: JobService): Promise<void> {
  const times: number[] = [];
  let isStopped = false;
  const busy = (async () => {
    while (!isStopped) await fill(work, 500);
  })();
  for (let sample = 0; sample < LAG_SAMPLES; sample += 1) {
    const id = await work.enqueue("lag", sample);
    const began = performance.now();
    while ((await reader.status(id)) === undefined);
    times.push(performance.now() - began);
  }
  isStopped = true;
  await busy;
  console.log(
    `seen on the standby after a median of ${middle(times).toFixed(1)} ms, at most ${Math.max(...times).toFixed(0)} ms`,
  );
}

/** What a server has spent: its first process, the children that it has, and those that it had. */
function cpuMs({ pid }: PostgresMember): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ");
  const ticks = [`${pid}`, ...children].flatMap((id) => {
    const stat = readFileSync(`/proc/${id}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")")).split(" ").slice(12, 16).map(Number); // user, system, and so of its children
  });
  return ticks.reduce((sum, some) => sum + some, 0) * 10; // there are a hundred in a second
}
