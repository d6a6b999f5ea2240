import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { memoryJobs } from "@jobq/job-memory";
import { memoryTopics } from "@jobq/pq-memory";
import { createServer, hashKey, newKey } from "@jobq/server";
import { createClient } from "@jobq/server/client";
import { listen } from "@jobq/server/node";
import { createService } from "@jobq/service";
import { build } from "esbuild";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const pathOf = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const DENO = pathOf("runtimes/node_modules/@deno/linux-x64-glibc/deno");
const BUN = pathOf("runtimes/node_modules/@oven/bun-linux-x64/bin/bun");
const WORKERD = pathOf("runtimes/node_modules/@cloudflare/workerd-linux-64/bin/workerd");
const isMissing = (file: string): boolean => !existsSync(file) && process.env.JOBQ_TEST_REQUIRE_ALL === undefined;

let folder: string;
const started: Program[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "jobq-elsewhere-"));
});
afterEach(async () => {
  for (const { child } of started.splice(0)) child.kill("SIGKILL");
  await rm(folder, { recursive: true, force: true });
});

/** A program that runs, and what it has printed. */
class Program {
  readonly child: ChildProcess;
  #printed = "";
  readonly ended: Promise<{ code: number | null; printed: string }>;

  constructor(file: string, args: readonly string[], env: Record<string, string> = {}) {
    const base = { ...process.env, DENO_NO_UPDATE_CHECK: "1", NODE_OPTIONS: "" };
    this.child = spawn(file, args, { cwd: pathOf("examples"), env: { ...base, ...env } });
    for (const stream of [this.child.stdout, this.child.stderr])
      stream?.setEncoding("utf8").on("data", (text: string) => {
        this.#printed += text;
      });
    this.ended = new Promise((resolve) =>
      this.child.once("close", (code) => resolve({ code, printed: this.#printed })),
    );
    started.push(this);
  }

  /** The first group of what matches, once it is printed. */
  async prints(pattern: RegExp): Promise<string> {
    for (;;) {
      const found = pattern.exec(this.#printed)?.[1];
      if (found) return found;
      if (this.child.exitCode !== null) throw new Error(`it ended: ${this.#printed}`);
      await new Promise((resolve) => this.child.stdout?.once("data", resolve) && this.child.once("close", resolve));
    }
  }
}

const SOURCES = "--conditions=@jobq/source";
const runtimes = [
  {
    name: "Deno",
    file: DENO,
    args: ["run", "--no-remote", "--no-config", "--no-lock", "--node-modules-dir=manual", "-A", SOURCES],
    program: "deno/main.ts",
  },
  { name: "Bun", file: BUN, args: ["--no-install", SOURCES], program: "bun/main.ts" },
];

describe("the example for", () => {
  for (const { name, file, args, program } of runtimes) {
    it.skipIf(isMissing(file))(`${name} serves, works, and stops on a SIGTERM`, { timeout: 60_000 }, async () => {
      const running = new Program(file, [...args, program, join(folder, "data"), "0"]);
      const queue = createClient({ url: await running.prints(/(http:\S+)/) });
      const id = await queue.enqueue("greet", { name: "Ada" });
      expect(await queue.result(id, { timeout: "20s" })).toEqual({ state: "done", result: `hello Ada, from ${name}` });
      running.child.kill("SIGTERM");
      expect(await running.ended).toMatchObject({ code: 0, printed: expect.stringContaining("closed") });
    });
  }

  it.skipIf(isMissing(WORKERD))("the edge enqueues, once for each request id", { timeout: 60_000 }, async () => {
    const svc = createService({ jobs: memoryJobs(), topics: memoryTopics() });
    const key = newKey();
    const server = createServer(svc, { keys: [{ name: "edge", role: "operator", hash: await hashKey(key) }] });
    const { url, close } = await listen(server, { port: 0 });
    await build({
      ...{ entryPoints: [pathOf("examples/edge/worker.ts")], outfile: join(folder, "worker.mjs") },
      ...{ bundle: true, format: "esm", conditions: ["@jobq/source"], logLevel: "error" },
    });
    await copyFile(pathOf("examples/edge/config.capnp"), join(folder, "config.capnp"));
    const bindings = { JOBS_URL: url, JOBS_KEY: key };
    const running = new Program(WORKERD, ["serve", "--control-fd=1", join(folder, "config.capnp")], bindings);
    const port = await running.prints(/"port":\s*(\d+)/);
    const body = JSON.stringify({ email: "ada@example.com", requestId: "request-1" });
    const post = () => fetch(`http://127.0.0.1:${port}`, { method: "POST", body });
    const [first, again] = [await post(), await post()];
    expect([first.status, again.status]).toEqual([202, 202]);
    const jobs = await svc.reserve("welcome", 10);
    expect(jobs.map(({ id, payload }) => ({ id, payload }))).toEqual([
      { ...((await again.json()) as object), payload: { email: "ada@example.com" } },
    ]);
    await close();
    await svc.close({ deadline: 0 });
  });
});

describe("the example for containers", () => {
  const container = (version: string, deadline: string) =>
    new Program(process.execPath, ["--import", "tsx", SOURCES, "container/main.ts"], {
      ...{ APP_VERSION: version, STOP_SECONDS: deadline, PORT: "0", DATABASE_FILE: join(folder, "jobs.sqlite") },
    });

  it("loses nothing in a rolling deploy, and is not ready while it stops", { timeout: 120_000 }, async () => {
    const old = container("one", "60");
    const health = `http://127.0.0.1:${await old.prints(/one on (\d+)/)}`;
    expect((await fetch(`${health}/ready`)).status).toBe(200);

    const { openDatabase } = await import("../src/open-database.ts");
    const { sqlJobs, sqlTopics } = await import("@jobq/sql-kysely");
    const kysely = await openDatabase(join(folder, "jobs.sqlite"));
    const svc = createService({ jobs: sqlJobs(kysely), topics: sqlTopics(kysely), pollInterval: 50 });
    const long = await svc.enqueue("images", { ms: 4000 }, { name: "resize" });
    for (let { state } = { state: "ready" }; state !== "reserved"; ) state = (await svc.status(long))?.state ?? state;

    old.child.kill("SIGTERM");
    for (let status = 200; status !== 503; ) ({ status } = await fetch(`${health}/ready`));
    expect((await fetch(`${health}/live`)).status).toBe(200);
    const young = container("two", "60");
    await young.prints(/two (on)/);
    const short = await svc.enqueue("images", { ms: 1 }, { name: "resize" });
    expect(await svc.result(short, { timeout: "60s" })).toEqual({ state: "done", result: "two" });
    expect(await svc.result(long, { timeout: "60s" })).toEqual({ state: "done", result: "one" });
    expect(await old.ended).toMatchObject({ code: 0, printed: expect.stringContaining("one stopped") });
    young.child.kill("SIGTERM");
    expect(await young.ended).toMatchObject({ code: 0 });
    await svc.close();
    await kysely.destroy();
  });
});
