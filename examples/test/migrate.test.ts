import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { levelJobs } from "@jobq/job-level";
import { memoryJobs } from "@jobq/job-memory";
import { levelTopics } from "@jobq/pq-level";
import { memoryTopics } from "@jobq/pq-memory";
import { createService, type JobService } from "@jobq/service";
import { createSchedules } from "@jobq/service/cron";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type PostgresServer, startPostgres } from "../../adapters/sql-kysely/test/postgres-server.ts";
import { type BullQueue, bullmqSource } from "../migrate/from-bullmq.ts";
import { graphileSource } from "../migrate/from-graphile-worker.ts";
import { pgBossSource } from "../migrate/from-pg-boss.ts";
import { migrateFrom, type Source } from "../migrate/migrate.ts";

const requireAll = process.env.JOBQ_TEST_REQUIRE_ALL !== undefined;
const bench = fileURLToPath(new URL("../../bench/", import.meta.url));
/** The other queues are installed with the benchmarks: `npm ci --prefix bench`. */
const isMissing = (name: string): boolean => !requireAll && !existsSync(join(bench, "node_modules", name));
/** For packages that need a newer Node than the tests: `npm ci --prefix runtimes`. */
const newerNode = fileURLToPath(new URL("../../runtimes/node_modules/node22/bin/node", import.meta.url));
const load = async (name: string, entry: string) =>
  (await import(pathToFileURL(join(bench, "node_modules", name, entry)).href)).default;

let svc: JobService;
beforeEach(() => {
  svc = createService({ jobs: memoryJobs(), topics: memoryTopics() });
  return () => svc.close({ deadline: 0 });
});

/** The jobs here in the order in which they run, by what is to be seen of them. */
async function seen(topic: string, ...fields: string[]): Promise<unknown[]> {
  const jobs = await svc.find({ topic, limit: 1000 });
  const whole = await Promise.all(jobs.map(async (job) => ({ ...job, ...(await svc.get(job.id)) })));
  return whole
    .sort((a, b) => a.weight - b.weight || (a.id < b.id ? -1 : 1))
    .map((job) => fields.map((field) => (job as unknown as Record<string, unknown>)[field]));
}

/** Fails while it is read the first time, after so many jobs. */
function cutOffOnce(source: Source, after: number): Source {
  let isCut = false;
  return {
    ...source,
    async *jobs() {
      let count = 0;
      for await (const job of source.jobs()) {
        if (!isCut && count++ === after) {
          isCut = true;
          throw new Error("the network is gone");
        }
        yield job;
      }
    },
  };
}

/** A dry run, one that is cut off, one that ends, one more. */
async function migrateTwice(source: Source, cutOffAt: number) {
  const dry = await migrateFrom(source, svc, { dryRun: true });
  expect([await svc.find({ limit: 1 }), await createSchedules(svc).list()]).toEqual([[], []]);
  const fragile = cutOffOnce(source, cutOffAt);
  await expect(migrateFrom(fragile, svc)).rejects.toThrow("the network is gone");
  const first = await migrateFrom(fragile, svc);
  const count = (await svc.tally()).reduce((sum, one) => sum + one.count, 0);
  const again = await migrateFrom(source, svc);
  expect((await svc.tally()).reduce((sum, one) => sum + one.count, 0)).toBe(count);
  return { dry, first, again };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const hasRedis = requireAll || spawnSync("redis-server", ["--version"]).status === 0;

const BULLS = [
  { major: 5, name: "bullmq-5" },
  { major: 6, name: "bullmq" },
].filter(({ name }) => hasRedis && !isMissing(name));

describe.each(BULLS)("from BullMQ $major", ({ name }) => {
  let redis: ChildProcess;
  let connection: { url: string; maxRetriesPerRequest: null };
  // biome-ignore format: what the package has, which is not part of this installation
  type Bull = BullQueue & { add(name: string, data: unknown, options?: object): Promise<{ id: string }>; addBulk(jobs: object[]): Promise<unknown>; upsertJobScheduler(id: string, repeat: object, template?: object): Promise<unknown>; close(): Promise<void> };
  let bullmq: { Queue: new (name: string, options: object) => Bull; Worker: new (...args: unknown[]) => BullWorker };
  interface BullWorker {
    on(event: string, listener: () => void): void;
    close(force?: boolean): Promise<void>;
  }
  let queue: Bull;

  beforeAll(async () => {
    const port = await freePort();
    redis = spawn("redis-server", ["--port", `${port}`, "--save", "", "--appendonly", "no"], { cwd: tmpdir() });
    await new Promise<void>((resolve, reject) => {
      redis.stdout?.on("data", (text) => `${text}`.includes("Ready to accept connections") && resolve());
      redis.once("exit", () => reject(new Error("redis-server ended")));
    });
    connection = { url: `redis://127.0.0.1:${port}`, maxRetriesPerRequest: null };
    bullmq = (await load(name, "dist/cjs/index.js")) as typeof bullmq;
  });
  afterAll(() => void redis?.kill("SIGKILL"));
  beforeEach(() => {
    queue = new bullmq.Queue(`emails-${crypto.randomUUID()}`, { connection });
    return () => queue.close();
  });

  /** Has a worker try the jobs of the queue, all of which fail, until one has failed so often. */
  async function failAll(times: number): Promise<void> {
    let failures = 0;
    await new Promise<void>((resolve) => {
      const handle = () => Promise.reject(new Error("no such address"));
      const worker = new bullmq.Worker(queue.name, handle, { connection });
      worker.on("failed", () => ++failures === times && void worker.close().then(resolve));
    });
  }

  it("waiting, delayed and failed jobs are brought, with what they have been through", async () => {
    await queue.add("welcome", { to: "gone" });
    await queue.add("welcome", { to: "flaky" }, { attempts: 3, backoff: { type: "exponential", delay: 3_600_000 } });
    await failAll(2);
    const before = Date.now();
    await queue.add("welcome", { to: "a" }, { attempts: 4, deduplication: { id: "a" } });
    await queue.add("welcome", { to: "b" }, { jobId: "welcome-b" });
    await queue.add("welcome", { to: "low" }, { priority: 7 });
    await queue.add("reminder", { to: "later" }, { delay: 7_200_000 });
    const source = bullmqSource([queue]);

    const { dry, first, again } = await migrateTwice(source, 3);
    const counts = { waiting: 3, delayed: 2, failed: 1, schedules: 0, held: [], refused: [], left: {} };
    expect(dry).toEqual({ ...counts, present: 0 });
    expect(first).toEqual({ ...counts, present: 0 });
    expect(again).toEqual({ ...counts, present: 6 });
    expect(await seen(queue.name, "payload", "name", "state", "attempt", "maxRetries", "unique", "error")).toEqual([
      [{ to: "gone" }, "welcome", "canceled", 1, 0, undefined, "no such address"],
      [{ to: "flaky" }, "welcome", "delayed", 1, 2, undefined, "no such address"],
      [{ to: "a" }, "welcome", "ready", 0, 3, `${queue.name}:a`, undefined],
      [{ to: "b" }, "welcome", "ready", 0, 0, `${queue.name}:welcome-b`, undefined],
      [{ to: "later" }, "reminder", "delayed", 0, 0, undefined, undefined],
      [{ to: "low" }, "welcome", "ready", 0, 0, undefined, undefined],
    ]);
    const due = (await svc.find({ topic: queue.name, state: "delayed" })).map(({ runAt = 0 }) => runAt - before);
    expect(due.map((ms) => Math.round(ms / 3_600_000)).sort()).toEqual([1, 2]);
    const [dead] = await svc.find({ topic: queue.name, reason: "exhausted" });
    await svc.reset(dead?.id ?? "");
    const [tried] = await svc.reserve(queue.name);
    expect(tried?.payload).toEqual({ to: "gone" });
  });

  it("job schedulers become schedules, without the job that they have ready", async () => {
    await queue.upsertJobScheduler(
      "nightly",
      { pattern: "0 3 * * *", tz: "Europe/Berlin" },
      { name: "report", data: 1 },
    );
    await queue.upsertJobScheduler("often", { every: 600_000 }, { data: 2, opts: { attempts: 3 } });
    await queue.upsertJobScheduler("thrice", { every: 600_000, limit: 3 });
    const report = await migrateFrom(bullmqSource([queue]), svc);
    expect([report.schedules, report.refused.length]).toEqual([2, 1]);
    const schedules = await createSchedules(svc).list();
    expect(schedules.map(({ name, timezone }) => [name.split(":")[1], timezone])).toEqual([
      ["nightly", "Europe/Berlin"],
      ["often", Intl.DateTimeFormat().resolvedOptions().timeZone],
    ]);
  });

  if (name !== "bullmq") return; // which the script loads

  it("a script that was killed is run again, and goes on", { timeout: 120_000 }, async () => {
    const folder = await mkdtemp(join(tmpdir(), "jobq-migrate-"));
    try {
      await queue.addBulk(Array.from({ length: 3000 }, (_, number) => ({ name: "work", data: { number } })));
      const script = fileURLToPath(new URL("../migrate/from-bullmq.ts", import.meta.url));
      const flags = ["--import", import.meta.resolve("tsx"), "--conditions=@jobq/source", script];
      const own = ["--queues", queue.name, "--redis", connection.url, "--to", `level://${join(folder, "store")}`];
      const first = spawn(process.execPath, [...flags, ...own], { cwd: bench, stdio: ["ignore", "ignore", "pipe"] });
      first.stderr.on("data", (text) => `${text}`.includes("1500 jobs") && first.kill("SIGKILL"));
      expect(await new Promise((resolve) => first.once("exit", (_, signal) => resolve(signal)))).toBe("SIGKILL");
      const second = spawnSync(process.execPath, [...flags, ...own], { cwd: bench, encoding: "utf8" });
      const { waiting, present } = JSON.parse(second.stdout);
      expect(waiting).toBe(3000);
      expect(present).toBeGreaterThanOrEqual(1500);

      const store = join(folder, "store");
      const there = createService<Record<string, { number: number }>>({
        jobs: levelJobs(store),
        topics: levelTopics(store),
      });
      const jobs = await there.reserve(queue.name, 3500);
      expect(jobs.map(({ payload }) => payload.number)).toEqual(Array.from({ length: 3000 }, (_, number) => number));
      await there.close({ deadline: 0 });
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe("from a PostgreSQL:", () => {
  let server: PostgresServer;
  let pool: pg.Pool;

  beforeAll(async () => {
    server = await startPostgres();
    pool = new pg.Pool({ connectionString: server.url });
    pool.on("error", () => {});
    pool.on("connect", (client) => client.on("error", () => {}));
  }, 60_000);
  afterAll(async () => {
    await pool?.end();
    await server?.stop();
  });

  /** Runs a script in a folder of its own, which is empty; with what is in there afterwards. */
  async function run(script: string, ...options: readonly string[]) {
    const folder = await mkdtemp(join(tmpdir(), "jobq-migrate-"));
    try {
      const path = fileURLToPath(new URL(`../migrate/${script}.ts`, import.meta.url));
      const flags = ["--import", import.meta.resolve("tsx"), "--conditions=@jobq/source", path];
      const { status, stderr } = spawnSync(process.execPath, [...flags, ...options], { cwd: folder, encoding: "utf8" });
      return { status, stderr, made: readdirSync(folder) };
    } finally {
      await rm(folder, { recursive: true });
    }
  }

  it("a script that is not told all it needs makes no tables", { timeout: 60_000 }, async () => {
    const { status, stderr } = await run("from-bullmq", "--to", server.url);
    expect([status, stderr]).toEqual([1, expect.stringContaining("--queues")]);
    const tables = await pool.query("select 1 from pg_tables where schemaname = 'public'");
    expect(tables.rowCount).toBe(0);
  });

  it.each(["./data", "postgress://127.0.0.1/app"])(
    "a script refuses %s as its target",
    {
      timeout: 60_000,
    },
    async (to) => {
      const { status, stderr, made } = await run("from-pg-boss", "--postgres", server.url, "--to", to);
      expect([status, stderr, made]).toEqual([1, expect.stringContaining(`got "${to}"`), []]);
    },
  );

  it("a concurrency of groups that means nothing is refused before anything is made", { timeout: 60_000 }, async () => {
    const options = ["--postgres", server.url, "--group-concurrency", "many", "--to", "level://data"];
    const { status, stderr, made } = await run("from-pg-boss", ...options);
    expect([status, stderr, made]).toEqual([1, expect.stringContaining("groupConcurrency must be"), []]);
  });

  it("a script stores where --store of the command does, with the tables of a schema", {
    timeout: 60_000,
  }, async () => {
    await pool.query(`create schema graphile_worker
      create table _private_jobs (id bigint, task_id int, job_queue_id int, payload json, priority int, attempts int,
        max_attempts int, last_error text, key text, flags jsonb, created_at timestamptz, updated_at timestamptz,
        run_at timestamptz, locked_at timestamptz)
      create table _private_tasks (id int, identifier text)
      create table _private_job_queues (id int, queue_name text)`);
    await pool.query("insert into graphile_worker._private_tasks values (1, 'emails')");
    await pool.query(`insert into graphile_worker._private_jobs
      values (1, 1, null, '{"to": "a"}', 0, 0, 25, null, null, null, now(), now(), now(), null)`);
    const at = (to: string) => run("from-graphile-worker", "--postgres", server.url, "--to", to);
    expect(await at("sqlite://jobs.db")).toMatchObject({ status: 0, made: [expect.stringContaining("jobs.db")] });
    expect(await at(`${server.url}?schema=queue&prefix=q_`)).toMatchObject({ status: 0, made: [] });
    expect((await pool.query("select topic, payload from queue.q_jobs")).rows).toEqual([
      { topic: "emails", payload: '{"to":"a"}' },
    ]);
    await pool.query("drop schema graphile_worker cascade");
  });

  /** Has a program of `fill` fill a schema, on a Node that the package takes. */
  function fill(program: string, name: string, entry: string, node: string, ...rest: readonly string[]): void {
    const path = fileURLToPath(new URL(`fill/${program}.mjs`, import.meta.url));
    const { status, stderr } = spawnSync(node, [path, join(bench, "node_modules", name, entry), ...rest], {
      encoding: "utf8",
    });
    expect([status, stderr]).toEqual([0, ""]);
  }

  const BOSSES = [
    { major: 10, name: "pg-boss", entry: "src/index.js", node: process.execPath },
    { major: 11, name: "pg-boss-11", entry: "src/index.js", node: newerNode },
    { major: 12, name: "pg-boss-12", entry: "dist/index.js", node: newerNode },
  ].filter(({ name, node }) => requireAll || !(isMissing(name) || !existsSync(node)));

  it.each(BOSSES)("pg-boss $major, with what its jobs have been through", async ({ major, name, entry, node }) => {
    const schema = `boss${major}`;
    fill("pg-boss", name, entry, node, `${major}`, server.url, schema);
    const [since11, since12] = [Number(major >= 11), Number(major >= 12)];

    const source = pgBossSource(pool, { schema, groupConcurrency: 3 });
    const { dry, first, again } = await migrateTwice(source, 4);
    const counts = {
      waiting: 6 + 2 * since11 + 4 * since12,
      delayed: 4,
      failed: 1,
      schedules: 1 + since11 + since12,
      held: [],
      refused: since12 ? [expect.stringContaining("emails:monthly")] : [],
      left: { canceled: 1, ...(since12 && { "jobs of flows": 2 }) },
    };
    expect(first).toEqual({ ...counts, present: 0 });
    expect(again).toEqual({ ...counts, present: 11 + 2 * since11 + 4 * since12 });
    expect(dry).toEqual({ ...counts, present: 0 });

    const sent = await seen("emails", "payload", "state", "weight", "attempt", "maxRetries", "timeoutMs", "error");
    expect(sent.slice(0, 5)).toEqual([
      [{ to: "urgent" }, "ready", -10, 0, 2, 900_000, undefined],
      [{ to: "gone" }, "canceled", 0, 1, 0, 900_000, "no such address"],
      [{ to: "flaky" }, "delayed", 0, 1, 3, 900_000, "no such address"],
      [{ to: "a" }, "ready", 0, 0, 2, 900_000, undefined],
      [{ to: "later" }, "delayed", 0, 0, 2, 90_000, undefined],
    ]);
    expect(sent.slice(5).map((fields) => (fields as unknown[])[0])).toEqual([
      ...(since11 ? [{ to: "capped" }] : []),
      ...(since12 ? [{ to: "tenant 7" }, { to: "edited" }] : []),
    ]);
    expect(await seen("dead", "payload", "state", "error")).toEqual([[{ to: "gone" }, "ready", "no such address"]]);
    for (const queue of ["short", "stately"])
      expect(await seen(queue, "payload", "attempt", "unique", "uniqueSpan")).toEqual([
        [{ is: "tried" }, 1, undefined, undefined],
        [{ is: "waiting" }, 0, `${queue}:7`, "queued"],
      ]);
    const [inTurn] = await svc.reserve("singleton", 1, { wait: "10s" });
    expect(inTurn?.payload).toEqual({ tenant: 7 });
    expect(await svc.find({ limitKey: "singleton:7", slot: "held" })).toHaveLength(1);
  });

  const newest = BOSSES.find(({ major }) => major === 12);

  it.skipIf(!newest)("pg-boss 12, with policies, groups, caps and schedules that older ones lack", async () => {
    const { name, entry, node } = newest as (typeof BOSSES)[number];
    fill("pg-boss", name, entry, node, "12", server.url, "newest");
    await migrateFrom(pgBossSource(pool, { schema: "newest", groupConcurrency: 3 }), svc);
    expect(await seen("exclusive", "unique", "uniqueSpan")).toEqual([["exclusive:7", undefined]]);
    const emails = await seen("emails", "payload", "unique", "uniqueSpan", "limit", "data");
    const [capped, ofTenant, edited] = emails.slice(5) as unknown[][];
    const policy = { type: "exponential", min: 10_000, max: 60_000, factor: 2, jitter: 1 };
    expect(JSON.parse(`${capped?.[4]}`).retry).toEqual(policy);
    expect(ofTenant?.[3]).toEqual({ key: "emails:7", concurrency: 3 });
    expect(edited?.slice(1, 3)).toEqual(["emails:edited", "queued"]);

    const steps: unknown[] = [];
    for (let at = 0; at < 2; at++) {
      const jobs = await svc.reserve("ledger", 10, { wait: "10s" });
      steps.push(jobs.map(({ payload }) => payload));
      for (const job of jobs) await job.done();
    }
    expect(steps).toEqual([[{ step: 1 }], [{ step: 2 }]]);

    const schedules = await createSchedules(svc).list();
    expect(schedules.map(({ name, timezone, missed }) => [name, timezone, missed])).toEqual([
      ["emails", "Europe/Berlin", "skip"],
      ["emails:eu", "UTC", "skip"],
      ["emails:us", "UTC", "one"],
    ]);
  });

  it.skipIf(isMissing("pg-boss"))("jobs of pg-boss that were made in one millisecond keep their order", async () => {
    fill("pg-boss", "pg-boss", "src/index.js", process.execPath, "10", server.url, "quick");
    await pool.query(`delete from quick.job`);
    await pool.query(`insert into quick.job (name, data, created_on) select 'emails', to_jsonb(number),
      timestamptz '2026-01-01' + number * interval '20 microseconds' from generate_series(0, 7) number`);
    await migrateFrom(pgBossSource(pool, { schema: "quick" }), svc);
    expect((await seen("emails", "payload")).flat()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it("a job that is brought with a dead-letter topic goes there when it is exhausted", async () => {
    const job = { id: "1", createdAt: 1, topic: "emails", payload: 1, attempts: 2 };
    const source: Source = {
      name: "another",
      async *jobs() {
        yield { ...job, options: { maxRetries: 2, onExhausted: { topic: "dead" } } };
      },
      schedules: async () => [],
    };
    await migrateFrom(source, svc);
    const [last] = await svc.reserve("emails");
    await last?.retry({ error: new Error("no") });
    expect((await svc.reserve("dead", 1, { wait: "10s" })).map(({ payload }) => payload)).toEqual([1]);
  });

  const WORKERS = [
    { version: "0.16", name: "graphile-worker-16", node: process.execPath },
    { version: "0.17", name: "graphile-worker", node: process.execPath },
    { version: "0.18", name: "graphile-worker-18", node: newerNode },
  ].filter(({ name, node }) => requireAll || !(isMissing(name) || !existsSync(node)));

  it.each(WORKERS)("graphile-worker $version, with what its jobs have been through", async (worker) => {
    const schema = worker.name.replaceAll("-", "_");
    fill("graphile-worker", worker.name, "dist/index.js", worker.node, server.url, schema);

    const crontab = `
# nightly
0 3 * * * report ?id=nightly&fill=1d&max=3&priority=2 {"kind":"sales"}
*/5 * * * * tidy
*/5 * * * * sweep ?max=many
every day at nine tidy
`;
    const { dry, first, again } = await migrateTwice(graphileSource(pool, { schema, crontab }), 4);
    const refused = [expect.stringContaining("sweep"), expect.stringContaining("every day at nine")];
    const counts = { waiting: 5, delayed: 2, failed: 1, schedules: 2, held: [], refused, left: {} };
    expect(dry).toEqual({ ...counts, present: 0 });
    expect(first).toEqual({ ...counts, present: 0 });
    expect(again).toEqual({ ...counts, present: 8 });
    expect(await seen("send-email", "payload", "state", "weight", "attempt", "maxRetries", "unique", "error")).toEqual([
      [{ to: "urgent" }, "ready", -5, 0, 24, undefined, undefined],
      [{ to: "gone" }, "canceled", 0, 1, 0, undefined, "no such address"],
      [{ to: "flaky" }, "delayed", 0, 1, 4, undefined, "no such address"],
      [{ to: "a" }, "ready", 0, 0, 24, "a", undefined],
      [{ to: "later" }, "delayed", 0, 0, 24, undefined, undefined],
    ]);
    const steps: unknown[] = [];
    for (let at = 0; at < 3; at++) {
      const jobs = await svc.reserve("sync", 10, { wait: "10s" });
      steps.push(jobs.map(({ payload }) => payload));
      for (const job of jobs) await job.done();
    }
    expect(steps).toEqual([[{ step: 1 }], [{ step: 2 }], [{ step: 3 }]]);
    const schedules = await createSchedules(svc).list();
    expect(schedules.map(({ name, missed }) => [name, missed])).toEqual([
      ["nightly", "all"],
      ["tidy", "skip"],
    ]);
  });

  it("whatever a job failed with is brought, as the codec keeps errors", async () => {
    const errors = { encode: (text: string) => `<${text}>`, decode: (text: string) => text.slice(1, -1) };
    const own = createService({
      ...{ jobs: memoryJobs(), topics: memoryTopics() },
      codec: { encode: JSON.stringify, decode: JSON.parse, errors },
    });
    const source: Source = {
      name: "another",
      async *jobs() {
        const job = { createdAt: 1, topic: "emails", payload: 1, attempts: 1, options: {}, failed: { at: 2 } };
        for (const [rank, error] of ["a\0b", "a\ud83d", `${"a".repeat(8_191)}\u{1f600}`].entries())
          yield { ...job, id: `${rank}`, rank, error };
      },
      schedules: async () => [],
    };
    expect(await migrateFrom(source, own)).toMatchObject({ failed: 3, refused: [] });
    const kept = (await own.find({ topic: "emails" })).map(({ error }) => error);
    expect(kept).toEqual(["<a\ufffdb>", "<a\ufffd>", `<${"a".repeat(8_191)}\ufffd>`]);
    await own.close();
  });

  it("a job whose unique key somebody here holds is told, and not stored", async () => {
    await svc.enqueue("emails", 0, { unique: "a" });
    const source: Source = {
      name: "another",
      async *jobs() {
        yield { id: "1", createdAt: 1, topic: "emails", payload: 1, attempts: 0, options: { unique: "a" } };
        yield { id: "2", createdAt: 1, topic: "emails", payload: 2, attempts: 0, options: {} };
        yield { id: "3", createdAt: 1, topic: "", payload: 3, attempts: 0, options: {} };
      },
      schedules: async () => [],
    };
    const { held, refused } = await migrateFrom(source, svc);
    expect([held, refused.length]).toEqual([["emails: 1"], 1]);
    expect((await seen("emails", "payload")).flat()).toEqual([2, 0]);
  });
});
