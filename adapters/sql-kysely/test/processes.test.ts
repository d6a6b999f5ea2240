import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { testJobs } from "@jobq/conformance";
import { build } from "esbuild";
import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { sqlJobs, sqlTopics } from "../src/index.ts";
import { mysql, postgres, sqlite, type TestDatabase } from "./databases.ts";
import { describeOn } from "./suites.ts";
import type { WorkerOrder, WorkerReport } from "./worker.ts";

const LONG = process.env.JOBQ_TEST_LONG === "1";
const WORKERS = LONG ? 8 : 4;
const KILLS = LONG ? 14 : 4;
const FOR_MS = LONG ? 30_000 : 1_000;
const HERE = fileURLToPath(new URL("..", import.meta.url));
const SCRIPT = join(HERE, "tmp", `worker-${process.pid}.mjs`);

function start(database: TestDatabase, order: Omit<WorkerOrder, "dialect" | "options" | "url">): ChildProcess {
  const { dialect, options, url = "" } = database;
  const argument = JSON.stringify({ dialect, options, url, ...order } satisfies WorkerOrder);
  return spawn(process.execPath, [SCRIPT, argument], { stdio: ["ignore", "pipe", "pipe"] });
}

/** The first line that a worker says; rejects with what it complains of when it ends without. */
function line(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let [said, complaint] = ["", ""];
    child.stderr?.on("data", (bytes) => {
      complaint += bytes;
    });
    child.stdout?.on("data", (bytes) => {
      said += bytes;
      if (said.includes("\n")) resolve(said);
    });
    child.once("close", (code) => reject(new Error(`a worker exited ${code}: ${complaint}`)));
  });
}

/** One file of plain JavaScript, so that a process is there at once. */
beforeAll(() =>
  build({
    entryPoints: [join(HERE, "test", "worker.ts")],
    outfile: SCRIPT,
    bundle: true,
    platform: "node",
    format: "esm",
    conditions: ["@jobq/source"],
    external: ["kysely", "libsql", "mysql2", "pg"],
  }),
);
afterAll(() => rmSync(SCRIPT, { force: true }));

for (const kind of [sqlite, postgres, mysql]) {
  await describeOn(kind, (database) => {
    const kysely = database.connect();
    const jobs = sqlJobs(kysely, database.options);
    const countOf = async (state: string): Promise<number> =>
      (await jobs.tally()).find((entry) => entry.topic === "effects" && entry.state === state)?.count ?? 0;

    beforeEach(() => database.clear());

    it(`${WORKERS} processes at once meet no error, and no job is reserved twice under one token`, {
      timeout: FOR_MS + 60_000,
    }, async () => {
      const workers = Array.from({ length: WORKERS }, () => start(database, { forMs: FOR_MS }));
      const reports = (await Promise.all(workers.map(line))).map((text) => JSON.parse(text) as WorkerReport);
      const sum = (pick: (report: WorkerReport) => number) =>
        reports.reduce((total, report) => total + pick(report), 0);
      const reserved = reports.flatMap((report) => report.reserved);
      expect(new Set(reserved).size).toBe(reserved.length);
      expect(sum(({ refused }) => refused)).toBe(0);
      const tally = await jobs.tally();
      const count = (state?: string) =>
        tally.reduce((total, entry) => total + (!state || entry.state === state ? entry.count : 0), 0);
      expect([count(), count("done"), count("reserved")]).toEqual([
        sum(({ inserted }) => inserted),
        sum(({ done }) => done),
        0,
      ]);
      expect(sum(({ done }) => done)).toBeGreaterThan(0);
    });

    it("an effect in the transaction that settles its job happens once, wherever its process is killed", {
      timeout: KILLS * 2_000 + 30_000,
    }, async () => {
      await sql`drop table if exists effects`.execute(kysely);
      await sql`create table effects (job varchar(64) not null)`.execute(kysely);
      const now = Date.now();
      const work = testJobs(300, 1_000, { topic: "effects", maxLeaseLosses: 1_000 });
      await jobs.commit([{ now, insert: work }]);
      for (let kill = 0; kill < KILLS; kill += 1) {
        const child = start(database, { forMs: 0, effects: true });
        const ended = once(child, "exit");
        await line(child);
        const from = await countOf("done");
        while ((await countOf("done")) < Math.min(from + 20, work.length)); // it is in the middle of something
        child.kill("SIGKILL");
        await ended;
      }
      const { rows } = await sql<{ job: string }>`select job from effects`.execute(kysely);
      const done = await jobs.find({ topic: "effects", state: "done", limit: 1_000 });
      expect(rows.map(({ job }) => job).sort()).toEqual(done.map(({ id }) => id));
      expect(done.length).toBeGreaterThanOrEqual(Math.min(KILLS * 20, work.length));
    });

    it("what a killed process held is reserved again when its lease has ended", { timeout: 30_000 }, async () => {
      const now = Date.now();
      const held = testJobs(10).map((job) => ({ ...job, topic: "held" }));
      await jobs.commit([{ now, insert: held }]);
      const child = start(database, { forMs: 0, hold: true });
      const ids = JSON.parse(await line(child)) as string[];
      child.kill("SIGKILL");
      expect(ids.sort()).toEqual(held.map(({ id }) => id));
      const store = sqlTopics(kysely, database.options).fuse?.(jobs);
      const claim = { topic: "held", limit: 100, by: "me" };
      expect(await store?.reserve([claim], now)).toEqual([[]]);
      expect(await store?.expire(now, 100)).toEqual([]);
      const later = (await jobs.nextLeaseEndAt()) ?? 0;
      expect((await store?.expire(later + 60_000, 100))?.length).toBe(10);
      expect((await store?.reserve([claim], now))?.[0]?.map(({ token }) => token)).toEqual(held.map(() => 2));
    });
  });
}
