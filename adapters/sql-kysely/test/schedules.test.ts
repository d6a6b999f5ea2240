import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, it } from "vitest";
import { sqlJobs, sqlTopics } from "../src/index.ts";
import { postgres } from "./databases.ts";
import type { ScheduleOrder } from "./schedule-process.ts";
import { describeOn } from "./suites.ts";

const EVERY_MS = 20;
const KILLS = 4;
/** So many jobs at least come between two kills. */
const APART = 5;
const HERE = fileURLToPath(new URL("..", import.meta.url));
const SCRIPT = join(HERE, "tmp", `schedule-process-${process.pid}.mjs`);

/** One file of plain JavaScript, so that a process is there at once. */
beforeAll(() =>
  build({
    entryPoints: [join(HERE, "test", "schedule-process.ts")],
    outfile: SCRIPT,
    bundle: true,
    platform: "node",
    format: "esm",
    conditions: ["@jobq/source"],
    external: ["kysely", "libsql", "mysql2", "pg"],
  }),
);
afterAll(() => rmSync(SCRIPT, { force: true }));

await describeOn(postgres, (database) => {
  const { options, url = "" } = database;
  const kysely = database.connect();
  const jobs = sqlJobs(kysely, options);
  const store = sqlTopics(kysely, options).fuse?.(jobs);
  const ticks = async (): Promise<number> =>
    (await jobs.tally()).reduce((sum, { topic, count }) => sum + (topic === "ticks" ? count : 0), 0);

  /** Ends the leases that are there, as half a minute would. */
  const endLeases = async (): Promise<void> => {
    const at = await jobs.nextLeaseEndAt();
    if (at !== undefined) await store?.expire(at, 100);
  };

  const start = async (): Promise<ChildProcess> => {
    const order = JSON.stringify({ url, options, everyMs: EVERY_MS } satisfies ScheduleOrder);
    const child = spawn(process.execPath, [SCRIPT, order], { stdio: ["ignore", "pipe", "inherit"] });
    await Promise.race([once(child.stdout as NodeJS.ReadableStream, "data"), once(child, "exit")]);
    return child;
  };

  it("two processes that are killed in turn store each instant of a schedule exactly once", {
    timeout: 60_000,
  }, async () => {
    await database.clear();
    const alive = await Promise.all([start(), start()]);
    for (let kill = 0; kill < KILLS; kill++) {
      const enough = (await ticks()) + APART;
      for (let looks = 0; (await ticks()) < enough && looks < 1_000; looks++) {
        if (looks % 10 === 9) await endLeases();
        await sleep(5);
      }
      const victim = alive.shift() as ChildProcess;
      const ended = once(victim, "exit");
      victim.kill("SIGKILL");
      await ended;
      if (kill < KILLS - 2) alive.push(await start());
    }
    const instants = (await jobs.find({ topic: "ticks", limit: 10_000 })).map(({ tags }) =>
      Date.parse(tags?.instant ?? ""),
    );
    const [first = 0] = instants;
    expect(instants).toEqual(instants.map((_, index) => first + index * EVERY_MS));
    expect(instants.length).toBeGreaterThanOrEqual(KILLS * APART);
  });
});
