/**
 * PostgreSQL changing hands under load: `npm run soak:failover`, with `-- pair` or `-- patroni` for a part. A primary and a
 * standby that confirms commits, killed, cut off and restarted; three nodes under Patroni on hosts of their own, killed, cut
 * off and switched over, for root where Debian's packages patroni, etcd-server and iproute2 are there. Prints what callers
 * saw, and ends with 1 when something acknowledged was lost or two calls held one reservation.
 */
import { existsSync } from "node:fs";
import { migrate, sqlJobs } from "@jobq/sql-kysely";
import { connectToPrimary, type Load, startLoad } from "../adapters/sql-kysely/test/failover-load.ts";
import { type PostgresPair, startPair } from "../adapters/sql-kysely/test/postgres-pair.ts";
import { silenceable } from "../adapters/sql-kysely/test/silenceable.ts";
import { commandLine, oneOf } from "./arguments.mjs";
import { canMakeNetwork } from "./failover/network.ts";
import { type PatroniCluster, startPatroni } from "./failover/patroni.ts";

const DEBIAN = "/usr/lib/postgresql/15/bin";
const SERVICES = 3;
const [WORD] = process.argv.slice(2);
const ONLY = WORD && commandLine(() => oneOf("the part", ["pair", "patroni"], WORD));
let lost = 0;
process.setMaxListeners(50); // each server that is started is ended with this process

await ofAPair("killed", async ({ primary, standby }) => {
  await primary.kill();
  standby.promote();
});
await ofAPair("cut off", async ({ standby }, silence) => {
  silence();
  standby.promote();
});
await ofAPair("killed and started again", async ({ primary }) => {
  await primary.kill();
  await primary.start("synchronous_standby_names=standby");
});
await ofAPair("restarted", async ({ primary }) => {
  await primary.shutDown();
  await primary.start("synchronous_standby_names=standby");
});
if (existsSync("/usr/bin/patroni") && existsSync("/usr/bin/etcd") && canMakeNetwork()) {
  await underPatroni("the leader killed with its Patroni", (cluster) => cluster.killLeader());
  await underPatroni("the leader cut off from everybody", (cluster) => cluster.cutLeaderOff());
  await underPatroni("the leader cut off from all but clients", (cluster) => cluster.partLeaderFromOthers());
  await underPatroni("switched over", (cluster) => cluster.switchOver());
} else {
  console.log("skipped: Patroni, which takes root and Debian's packages patroni, etcd-server and iproute2");
}
process.exit(lost > 0 ? 1 : 0);

async function ofAPair(
  what: string,
  happens: (pair: PostgresPair, silence: () => void) => Promise<void>,
): Promise<void> {
  if (ONLY && ONLY !== "pair") return;
  const pair = await startPair(existsSync(DEBIAN) ? DEBIAN : undefined);
  const way = await silenceable(pair.primary.port);
  const urls = [pair.primary.url.replace(`:${pair.primary.port}`, `:${way.port}`), pair.standby.url];
  await measured(`by hand, ${what}`, urls, () => happens(pair, way.silence));
  way.close();
  await pair.stop();
}

async function underPatroni(what: string, happens: (cluster: PatroniCluster) => Promise<void>): Promise<void> {
  if (ONLY && ONLY !== "patroni") return;
  const cluster = await startPatroni(DEBIAN);
  await measured(`Patroni, ${what}`, cluster.urls, () => happens(cluster));
  await cluster.stop();
}

async function measured(what: string, urls: readonly string[], happens: () => Promise<void>): Promise<void> {
  const kysely = connectToPrimary(urls);
  await migrate(kysely);
  const load: Load = startLoad(urls, SERVICES);
  await load.progress(300);
  const began = performance.now();
  await happens();
  const ready = performance.now() - began;
  await load.progress(300);
  const { enqueued, done, doubles, failures, longestPauseMs } = await load.stop();
  const jobs = sqlJobs(kysely);
  const missing = (await jobs.get(enqueued)).filter((job) => job === undefined).length;
  const undone = (await jobs.get(done)).filter((job) => job?.state !== "done").length;
  lost += missing + undone + doubles + (done.length - new Set(done).size);
  console.log(
    `${what}: ${enqueued.length} enqueued, ${missing} of them missing; ${done.length} done, ${undone} of them not; ` +
      `${doubles} held twice; longest pause ${Math.round(longestPauseMs)} ms, a primary after ${Math.round(ready)} ms; ` +
      `failures ${JSON.stringify(failures)}`,
  );
  await kysely.destroy();
}
