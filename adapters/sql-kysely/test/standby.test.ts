import { createService } from "@jobq/service";
import { createBundles } from "@jobq/service/bundle";
import { createSchedules } from "@jobq/service/cron";
import { createWorkflows } from "@jobq/service/workflow";
import { sql } from "kysely";
import { afterAll, describe, expect, it } from "vitest";
import { migrate, primaryPool, sqlJobs, sqlTopics } from "../src/index.ts";
import { connectTo } from "./connect.ts";
import { connectToPrimary, type LoadReport, startLoad } from "./failover-load.ts";
import { startPair } from "./postgres-pair.ts";
import { silenceable } from "./silenceable.ts";

const pair = await startPair().catch((error: unknown) => {
  if (process.env.JOBQ_TEST_REQUIRE_ALL === "1") throw error;
  console.log(`skipped: no PostgreSQL with a standby here (${error instanceof Error ? error.message : error})`);
  return undefined;
});
const way = pair && (await silenceable(pair.primary.port));

describe.skipIf(!pair)("PostgreSQL with a standby that confirms commits", () => {
  if (!pair || !way) return it("is not here", () => {});
  const { primary, standby } = pair;
  afterAll(async () => {
    way.close();
    await pair.stop();
  });
  const urls = [primary.url.replace(`:${primary.port}`, `:${way.port}`), standby.url];

  const check = async ({ enqueued, done, doubles, failures }: LoadReport): Promise<void> => {
    const kysely = connectToPrimary(urls);
    const jobs = sqlJobs(kysely);
    const stored = new Map((await jobs.get(enqueued)).map((job) => [job?.id, job?.state]));
    expect(enqueued.filter((id) => !stored.has(id))).toEqual([]);
    expect((await jobs.get(done)).filter((job) => job?.state !== "done")).toEqual([]);
    expect([doubles, new Set(done).size]).toEqual([0, done.length]);
    expect(
      Object.keys(failures).filter((code) => !["STORE_FAILED", "OUTCOME_UNKNOWN", "INVALID_TOKEN"].includes(code)),
    ).toEqual([]);
    await kysely.destroy();
  };

  it("a service over the standby shows all that the primary has, and changes nothing", async () => {
    const [above, below] = [connectTo("postgres", primary.url), connectTo("postgres", standby.url)];
    await migrate(above);
    const svc = createService({ jobs: sqlJobs(above), topics: sqlTopics(above) });
    const reader = createService({ jobs: sqlJobs(below), topics: sqlTopics(below), maintenance: false });
    const errors: unknown[] = [];
    reader.on("error", ({ error }) => errors.push(error));
    const limit = { key: "one", concurrency: 1 };
    const done = await svc.enqueue("seen", 1, { limit });
    const held = await svc.enqueue("seen", 2, { limit });
    const later = await svc.enqueue("seen", 3, { delay: "1h", tags: { a: "b" } });
    for (const job of await svc.reserve("seen", 1)) {
      await job.log("line");
      await job.done("result");
    }
    await svc.reserve("seen", 1, { wait: "10s" });
    expect(await reader.result(done, { timeout: "10s" })).toEqual({ state: "done", result: "result" });
    while ((await reader.status(held))?.state !== "reserved");
    for (const look of [
      (one: typeof svc) => one.get(done),
      (one: typeof svc) => one.find({ topic: "seen" }),
      (one: typeof svc) => one.find({ tags: { a: "b" } }),
      (one: typeof svc) => one.logs(done),
      (one: typeof svc) => one.attempts(done),
      (one: typeof svc) => one.tally(),
      (one: typeof svc) => one.topics(),
      (one: typeof svc) => one.limits(),
      (one: typeof svc) => one.explain(later),
      (one: typeof svc) => one.purge({ state: "done", dryRun: true }),
      (one: typeof svc) => createSchedules(one).list(),
      (one: typeof svc) => createBundles(one).list(),
      (one: typeof svc) => createWorkflows(one).list(),
    ])
      expect(await look(reader)).toEqual(await look(svc));
    for (const change of [
      () => reader.enqueue("seen", 4),
      () => reader.reserve("seen"),
      () => reader.cancel(later),
      () => reader.pause("seen"),
      () => reader.purge({ state: "done" }),
    ])
      await expect(change()).rejects.toMatchObject({ code: "STORE_FAILED", details: { code: "25006" } });
    expect(errors).toEqual([]);
    for (const one of [svc, reader]) await one.close({ deadline: 0 });
    for (const one of [above, below]) await one.destroy();
  });

  it("a primary that is cut off, and a standby that is promoted: nothing acknowledged is lost, and work goes on", async () => {
    const kysely = connectToPrimary(urls);
    await migrate(kysely);
    await kysely.destroy();
    const load = startLoad(urls, 2);
    await load.progress(50);
    way.silence();
    standby.promote();
    await load.progress(50);
    way.close(); // what waits for the network waits no longer
    await check(await load.stop());
    const old = connectTo("postgres", primary.url);
    const { rows } = await sql<{ standby: boolean }>`select pg_is_in_recovery() as standby`.execute(old);
    expect(rows).toEqual([{ standby: false }]); // it lives, and acknowledges nothing any more
    await old.destroy();
  });

  it("connections that lead to a server which is read-only are dropped", async () => {
    const kysely = connectToPrimary([standby.url], 1);
    const pid = async () => (await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(kysely)).rows[0]?.pid;
    const before = await pid();
    await sql`set default_transaction_read_only = on`.execute(kysely);
    await expect(sql`create table refused (id int)`.execute(kysely)).rejects.toMatchObject({ code: "25006" });
    expect(await pid()).not.toBe(before);
    await kysely.destroy();
  });

  it("no pool at all is refused", () => {
    expect(() => primaryPool([])).toThrow(TypeError);
  });
});
