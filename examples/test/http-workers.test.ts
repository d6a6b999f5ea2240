import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { memoryJobs } from "@jobq/job-memory";
import { memoryTopics } from "@jobq/pq-memory";
import { createServer, newKey } from "@jobq/server";
import { type Listening, listen } from "@jobq/server/node";
import { createService, type JobService } from "@jobq/service";
import { afterEach, expect, it } from "vitest";

/** Whether programs are here, or have to be. */
function have(...programs: readonly string[]): boolean {
  const isHere = (program: string): boolean => spawnSync(program, ["--version"]).status === 0;
  return process.env.JOBQ_TEST_REQUIRE_ALL !== undefined || programs.every(isHere);
}

const path = (name: string): string => fileURLToPath(new URL(`../${name}`, import.meta.url));

let started: { svc: JobService; listening: Listening; worker?: ChildProcess } | undefined;

afterEach(async () => {
  const { svc, listening, worker } = started ?? {};
  started = undefined;
  worker?.kill("SIGKILL");
  await listening?.close({ deadline: 0 });
  await svc?.close({ deadline: 0 });
});

/** A server with a key, and a worker of its topic `mail`; `ended` resolves with what the worker printed. */
async function start(command: string, args: readonly string[]) {
  const key = newKey();
  const svc = createService({
    jobs: memoryJobs(),
    topics: memoryTopics(),
    defaults: { backoff: { min: 10, max: 10 } },
  });
  const server = createServer(svc, { keys: [{ name: "worker", role: "operator", key }] });
  const listening = await listen(server, { port: 0 });
  const env = { ...process.env, JOBQ_URL: listening.url, JOBQ_KEY: key };
  const worker = spawn(command, args, { env, stdio: ["ignore", "pipe", "inherit"] });
  let printed = "";
  worker.stdout.setEncoding("utf8").on("data", (text: string) => {
    printed += text;
  });
  const ended = new Promise<{ code: number | null; printed: string }>((resolve) => {
    worker.on("close", (code) => resolve({ code, printed }));
  });
  started = { svc, listening, worker };
  return { svc, listening, worker, ended };
}

it.skipIf(!have("python3"))(
  "a worker in Python does, retries and rejects jobs, and stops when it is told to",
  async () => {
    const { svc, worker, ended } = await start("python3", [path("python/worker.py"), "mail"]);
    const enqueue = (name: string, payload: unknown): Promise<string> => svc.enqueue("mail", payload, { name });
    const welcome = await enqueue("welcome", { to: "ada@example.com" });
    const wrong = await enqueue("welcome", { to: "nobody" });
    const flaky = await enqueue("flaky", null);
    const unknown = await enqueue("other", null);

    const endings = await Promise.all([welcome, wrong, flaky, unknown].map((id) => svc.result(id, { timeout: "30s" })));

    expect(endings).toEqual([
      { state: "done", result: { sent: "ada@example.com" } },
      { state: "canceled", reason: "rejected", error: "no address" },
      { state: "done", result: { attempt: 2 } },
      { state: "canceled", reason: "rejected", error: "no handler for other" },
    ]);
    expect(await svc.logs(welcome)).toMatchObject([{ line: "sent to ada@example.com" }]);
    worker.kill("SIGTERM");
    const { code, printed } = await ended;
    expect(code).toBe(0);
    expect(printed.trim().split("\n").sort()).toEqual(
      ["flaky done", "flaky retry", "other cancel", "welcome cancel", "welcome done"].sort(),
    );
  },
);

it.skipIf(!have("bash", "curl", "jq"))("a worker in a shell does, retries and rejects jobs", async () => {
  const command = "case $JOB_TYPE in count) wc -c;; json) cat;; again) exit 1;; *) exit 64;; esac";
  const { svc, listening, worker, ended } = await start("bash", [path("shell/worker.sh"), "mail", command]);
  const count = await svc.enqueue("mail", "four", { name: "count" });
  const json = await svc.enqueue("mail", { a: ["é"] }, { name: "json" });
  const again = await svc.enqueue("mail", null, { name: "again", maxRetries: 1 });
  const never = await svc.enqueue("mail", null, { name: "never" });

  const endings = await Promise.all([count, json, again, never].map((id) => svc.result(id, { timeout: "30s" })));

  expect(endings).toEqual([
    { state: "done", result: 7 },
    { state: "done", result: { a: ["é"] } },
    { state: "canceled", reason: "exhausted", error: "exit status 1" },
    { state: "canceled", reason: "rejected", error: "exit status 64" },
  ]);
  worker.kill("SIGTERM");
  await listening.close({ deadline: "10s" });
  expect((await ended).printed.trim().split("\n").sort()).toEqual(
    ["again retry", "again retry", "count done", "json done", "never cancel"].sort(),
  );
});
