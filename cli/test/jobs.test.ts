import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { levelJobs } from "@jobq/job-level";
import { levelTopics } from "@jobq/pq-level";
import { createService } from "@jobq/service";
import { createBundles } from "@jobq/service/bundle";
import { describe, expect, it } from "vitest";
import { folder, jobq, serving } from "./terminal.ts";

const json = ({ stdout }: { readonly stdout: string }) => JSON.parse(stdout);
const errorOf = ({ stderr }: { readonly stderr: string }) => JSON.parse(stderr).error;

/** How to reach a queue with nothing in it: behind a server, and in a store on disk. */
const ends: readonly (readonly [string, () => Promise<readonly string[]>])[] = [
  ["a server", async () => ["--url", await serving(["--workers", "0"])]],
  [
    "a store",
    async () => {
      const store = `level://${await folder()}/data`;
      await jobq(["migrate", "--store", store]);
      return ["--store", store];
    },
  ],
];

const delayOf = (topic: string) => (topic === "late" ? ["--delay", "1h"] : []);

describe.each(ends)("jobs of %s", (_, open) => {
  it("are submitted with what the options say", async () => {
    const at = await open();
    const { code, stdout } = await jobq([
      ...[
        "submit",
        ...at,
        "-t",
        "mail",
        "--topic",
        "post",
        "-p",
        '{"to":"ada"}',
        "--priority",
        "1",
        "--delay",
        "1h30m",
      ],
      ...["--max-attempts", "3", "--unique", "u", "--tag", "tenant=7", "--timeout", "30s", "--limit", "k:2"],
    ]);
    expect(code).toBe(0);
    const job = json(await jobq(["status", stdout.trim(), "--json", ...at]));
    const { name, topic, payload, weight, state, maxRetries, unique, tags, timeoutMs, limit } = job;
    expect({ name, topic, payload, weight, state, maxRetries, unique, tags, timeoutMs, limit }).toEqual({
      ...{ name: "mail", topic: "post", payload: { to: "ada" }, weight: -100, state: "delayed", maxRetries: 2 },
      ...{ unique: "u", tags: { tenant: "7" }, timeoutMs: 30_000, limit: { key: "k", concurrency: 2 } },
    });
    expect(Date.parse(job.runAt) - Date.parse(job.createdAt)).toBe(5_400_000);
  });

  it("take their payload from standard input, and a batch of payloads from a file", async () => {
    const at = await open();
    const cwd = await folder();
    await writeFile(join(cwd, "batch.ndjson"), '{"n":1}\n\n{"n":2}\n');
    const id = (await jobq(["submit", ...at, "-t", "one", "-p", "-"], { stdin: ' {"from":"stdin"}' })).stdout.trim();
    expect(json(await jobq(["status", id, "--json", ...at])).payload).toEqual({ from: "stdin" });
    const batch = await jobq(["submit", ...at, "-t", "many", "--batch", "batch.ndjson", "--json"], { cwd });
    expect(json(batch)).toHaveLength(2);
    expect(json(await jobq(["status", "--json", ...at])).topics.many.ready).toBe(2);
  });

  it("that are submitted alone are refused without a place among others", async () => {
    const { stderr } = await jobq(["submit", ...(await open()), "-t", "mail", "--after", "nope"]);
    expect(stderr).toContain("nope");
    expect(stderr).not.toContain("requests[0]");
  });

  it("with a unique key are submitted once", async () => {
    const at = await open();
    const submit = () => jobq(["submit", ...at, "-t", "mail", "--unique", "u", "--json"]);
    const [first, second] = [json(await submit()), json(await submit())];
    expect([first.duplicate, second]).toEqual([false, { id: first.id, duplicate: true }]);
  });

  it("are canceled, retried, reset and deleted by id", async () => {
    const at = await open();
    const id = (await jobq(["submit", ...at, "-t", "mail"])).stdout.trim();
    const stateAfter = async (...args: string[]) => {
      const { code } = await jobq([...args, ...at]);
      const { code: found, stdout } = await jobq(["status", id, "--json", ...at]);
      return [code, found === 0 ? JSON.parse(stdout).state : found];
    };
    expect(await stateAfter("cancel", id, "--reason", "no more")).toEqual([0, "canceled"]);
    expect(await stateAfter("cancel", id)).toEqual([4, "canceled"]);
    expect(await stateAfter("retry", id)).toEqual([0, "ready"]);
    expect(await stateAfter("reset", id)).toEqual([4, "ready"]);
    expect(await stateAfter("delete", id)).toEqual([0, 3]);
    expect(await stateAfter("delete", id)).toEqual([3, 3]);
  });

  it("are changed by what they are, after a count that changes nothing", async () => {
    const at = await open();
    for (const topic of ["a", "a", "b"]) await jobq(["submit", ...at, "-t", topic]);
    const cancel = ["cancel", "--topic", "a", "--state", "ready", ...at];
    expect(json(await jobq([...cancel, "--dry-run", "--json"]))).toEqual({ count: 2, dryRun: true });
    expect((await jobq(cancel)).code).toBe(2); // nobody can be asked
    expect(json(await jobq([...cancel, "--yes", "--json"]))).toEqual({ count: 2, failed: [] });
    const { topics } = json(await jobq(["status", "--json", ...at]));
    expect([topics.a.canceled, topics.b.ready]).toEqual([2, 1]);
    expect(json(await jobq(["retry", "--state", "cancelled", "-y", "--json", ...at])).count).toBe(2);
    expect(json(await jobq(["delete", "--all", "-y", "--json", ...at])).count).toBe(3);
    expect((await jobq(["cancel", ...at])).code).toBe(2);
  });

  it("are listed, the newest first", async () => {
    const at = await open();
    for (const topic of ["a", "b", "c"]) await jobq(["submit", ...at, "-t", topic]);
    const topicsOf = async (...args: string[]) =>
      json(await jobq(["list", "--json", ...args, ...at])).map(({ topic }: { topic: string }) => topic);
    expect(await topicsOf()).toEqual(["c", "b", "a"]);
    expect(await topicsOf("--limit", "2")).toEqual(["c", "b"]);
    expect(await topicsOf("--state", "done", "reserved")).toEqual([]);
    expect(await topicsOf("-t", "b", "--state", "ready,done")).toEqual(["b"]);
    expect((await jobq(["list", "--state", "redy", ...at])).code).toBe(2);
  });

  it("are listed with their payloads where that is asked for", async () => {
    const at = await open();
    await jobq(["submit", ...at, "-t", "mail", "--batch", "-"], { stdin: '{"to":"a"}\n{"to":"b"}\n' });
    const listed = json(await jobq(["list", ...at, "--topic", "mail", "--json", "--payload"]));
    expect(listed.map(({ payload, state }: { payload: unknown; state: string }) => [payload, state])).toEqual([
      [{ to: "b" }, "ready"],
      [{ to: "a" }, "ready"],
    ]);
    expect(json(await jobq(["list", ...at, "--json"]))[0]).not.toHaveProperty("payload");
    expect((await jobq(["list", ...at, "--payload"])).code).toBe(2);
  });

  it("that have ended are purged", async () => {
    const at = await open();
    const id = (await jobq(["submit", ...at, "-t", "mail"])).stdout.trim();
    await jobq(["cancel", id, ...at]);
    const purge = (...args: string[]) => jobq(["purge", "--state", "canceled", "--json", "--yes", ...args, ...at]);
    expect(json(await purge("--older-than", "1h"))).toEqual({ purged: 0 });
    expect(json(await purge())).toEqual({ purged: 1 });
    expect((await jobq(["purge", "--yes", ...at])).code).toBe(2);
  });

  it("that have ended are purged by the names that lists take", async () => {
    const at = await open();
    for (const type of ["mail", "post"]) {
      const id = (await jobq(["submit", ...at, "-t", type])).stdout.trim();
      await jobq(["cancel", id, ...at]);
    }
    const purge = (...args: string[]) => jobq(["purge", "--json", "--yes", ...args, ...at]);
    expect(json(await purge("--state", "dead"))).toEqual({ purged: 0 });
    expect(json(await purge("--state", "completed"))).toEqual({ purged: 0 });
    expect(json(await purge("--state", "cancelled", "--topic", "mail"))).toEqual({ purged: 1 });
    expect(json(await purge("--state", "cancelled", "--reason", "canceled", "--dry-run"))).toMatchObject({ count: 1 });
    expect((await purge("--state", "failed", "--reason", "exhausted")).stderr).toMatch(
      /no jobs .* canceled as exhausted/,
    );
    expect((await purge("--state", "pending")).stderr).toMatch(/what has ended.*pending/);
  });

  it("that have ended are counted without being asked, and not purged", async () => {
    const at = await open();
    const id = (await jobq(["submit", ...at, "-t", "mail"])).stdout.trim();
    await jobq(["cancel", id, ...at]);
    const purge = ["purge", "--state", "canceled", "--json", ...at];
    expect(json(await jobq([...purge, "--dry-run"]))).toEqual({ count: 1, dryRun: true });
    expect(json(await jobq([...purge, "--yes"]))).toEqual({ purged: 1 });
  });

  it("are held back by their topic, and one that nothing is known of is said to be so", async () => {
    const at = await open();
    await jobq(["submit", ...at, "-t", "mail"]);
    const known = await jobq(["pause", "mail", ...at]);
    expect([known.code, known.stderr]).toEqual([0, ""]);
    const unknown = await jobq(["pause", "mial", ...at]);
    expect([unknown.code, unknown.stderr.includes("mial")]).toEqual([0, true]);
    expect(json(await jobq(["pause", "mial", "--json", ...at]))).toEqual([
      { topic: "mial", paused: true, known: false },
    ]);
    expect(json(await jobq(["resume", "mail", "nobody", "--json", ...at]))).toEqual([
      { topic: "mail", paused: false, known: true },
      { topic: "nobody", paused: false, known: false },
    ]);
  });

  it("that have not ended are not retried, and the error says so", async () => {
    const at = await open();
    const id = (await jobq(["submit", ...at, "-t", "mail"])).stdout.trim();
    const { code, stderr } = await jobq(["retry", id, ...at]);
    expect([code, stderr]).toEqual([4, expect.stringContaining("is ready: it has not ended")]);
  });

  it("are held back with their topic", async () => {
    const at = await open();
    await jobq(["submit", ...at, "-t", "mail"]);
    await jobq(["pause", "mail", ...at]);
    expect(json(await jobq(["topics", "--json", ...at]))).toMatchObject([
      { topic: "mail", ready: 1, delayed: 0, paused: true },
    ]);
    await jobq(["resume", "mail", ...at]);
    expect(json(await jobq(["topics", "--json", ...at]))[0].paused).toBe(false);
  });

  it("that wait are told by their topic, the oldest of them with its age", async () => {
    const at = await open();
    for (const topic of ["late", "mail", "mail"]) await jobq(["submit", ...at, "-t", topic, ...delayOf(topic)]);
    const [oldest] = json(await jobq(["list", "--topic", "mail", "--json", ...at])).slice(-1);
    expect(json(await jobq(["topics", "--json", ...at]))).toEqual([
      { topic: "late", ready: 0, delayed: 1, paused: false },
      { topic: "mail", ready: 2, delayed: 0, paused: false, oldestJob: oldest.id, oldestCreatedAt: oldest.createdAt },
    ]);
    const { stdout } = await jobq(["topics", ...at]);
    expect(stdout.split("\n").map((line) => line.trim())).toEqual([
      expect.stringMatching(/^TOPIC +READY +OLDEST READY +DUE LATER +PAUSED$/),
      expect.stringMatching(/^late +0 +1$/),
      expect.stringMatching(/^mail +2 +\d+m?s ago +0$/),
      "",
    ]);
  });

  it("that are not there are an error with a code of its own", async () => {
    const ran = await jobq(["status", "nobody", "--json", ...(await open())]);
    expect([ran.code, errorOf(ran).code, ran.stdout]).toEqual([3, "JOB_NOT_FOUND", ""]);
  });
});

describe("what a person sees", () => {
  it("is a table that fits the terminal, without what could steer it", async () => {
    const at = ["--url", await serving(["--workers", "0"])];
    const id = (await jobq(["submit", ...at, "-t", "mail"])).stdout.trim();
    await jobq(["cancel", id, "--reason", `bad\u001b[2J\n${"long ".repeat(40)}`, ...at]);
    const { stdout } = await jobq(["list", ...at], { terminal: 90, env: { NO_COLOR: "1" } });
    const lines = stdout.trimEnd().split("\n");
    expect(lines).toHaveLength(2);
    expect(lines.every((line) => line.length <= 90)).toBe(true);
    expect(stdout).not.toContain("\u001b");
  });

  it("has of an error its first line, as far as it fits, in lists and of one job, where it is piped too", async () => {
    const at = ["--url", await serving(["--workers", "0"])];
    const id = (await jobq(["submit", ...at, "-t", "mail"])).stdout.trim();
    await jobq(["cancel", id, "--reason", `Error: ${"long ".repeat(100)}\n    at somewhere`, ...at]);
    for (const args of [["list"], ["status", id]]) {
      const { stdout } = await jobq([...args, ...at]);
      expect([stdout.includes("Error: long"), stdout.includes("at somewhere")]).toEqual([true, false]);
      expect(stdout.split("\n").every((line) => line.length < 400)).toBe(true);
    }
    expect((await jobq(["status", id, "--json", ...at])).stdout).toContain("at somewhere");
  });

  it("does not call a job reserved that is not", async () => {
    const at = ["--url", await serving()];
    const id = (await jobq(["submit", ...at, "-t", "echo", "--wait"])).code;
    expect(id).toBe(0);
    const [job] = json(await jobq(["list", "--json", ...at]));
    const { stdout } = await jobq(["status", job.id, ...at]);
    expect([/^started /m.test(stdout), /^(held by|lease ends|reserved)/m.test(stdout)]).toEqual([true, false]);
  });

  it("is colored on a terminal only, and unless NO_COLOR or --no-color says otherwise", async () => {
    const at = ["--url", await serving(["--workers", "0"])];
    await jobq(["submit", ...at, "-t", "mail"]);
    const colored = async (args: string[], surroundings: object) =>
      (await jobq(["list", ...args, ...at], surroundings)).stdout.includes("\u001b[");
    expect(await colored([], { terminal: 100 })).toBe(true);
    expect(await colored([], {})).toBe(false);
    expect(await colored([], { terminal: 100, env: { NO_COLOR: "1" } })).toBe(false);
    expect(await colored(["--no-color"], { terminal: 100 })).toBe(false);
  });
});

describe("wrong calls", () => {
  it.each([
    ["an unknown command", ["lsit"]],
    ["an unknown option", ["list", "--limti", "3"]],
    ["a server and a store at once", ["list", "--url", "http://127.0.0.1:1", "--store", "memory"]],
    ["a store of no known kind", ["list", "--store", "redis://x"]],
    ["a submission without a type", ["submit", "--store", "memory"]],
    ["a submission of an empty type", ["submit", "--store", "memory", "-t", ""]],
    ["a payload that is no JSON", ["submit", "--store", "memory", "-t", "a", "-p", "hello"]],
    ["a payload of a file that is not there", ["submit", "--store", "memory", "-t", "a", "-p", "@nowhere.json"]],
    ["a duration that is none", ["submit", "--store", "memory", "-t", "a", "--delay", "soon"]],
    ["an instant that is none", ["submit", "--store", "memory", "-t", "a", "--at", "tomorrow"]],
    ["a day that there is not", ["submit", "--store", "memory", "-t", "a", "--at", "2026-02-30"]],
    ["a priority that there is not", ["submit", "--store", "memory", "-t", "a", "--priority", "9"]],
    ["a tag without a value", ["submit", "--store", "memory", "-t", "a", "--tag", "x"]],
    ["no attempts", ["submit", "--store", "memory", "-t", "a", "--max-attempts", "0"]],
    ["events of a store", ["tail", "--store", "memory"]],
  ])("%s ends with 2 and says why", async (_, args) => {
    const { code, stdout, stderr } = await jobq(args);
    expect([code, stdout, stderr === ""]).toEqual([2, "", false]);
  });

  it("do not repeat a password", async () => {
    const { stderr } = await jobq(["list", "--store", "redis://ada:secret@host/db"]);
    expect(stderr).not.toContain("secret");
  });
});

describe("jobs that two names stand for", () => {
  it("are listed, counted and changed once", async () => {
    const at = ["--url", await serving(["--workers", "0"])];
    const id = (await jobq(["submit", ...at, "-t", "a", "--tag", "tenant=7"])).stdout.trim();
    const twice = ["--state", "ready,pending", ...at, "--json"];
    expect(json(await jobq(["list", ...twice]))).toHaveLength(1);
    expect(json(await jobq(["cancel", "--dry-run", ...twice])).count).toBe(1);
    expect(json(await jobq(["cancel", id, id, ...at, "--json"]))).toEqual({ count: 1, failed: [] });
  });
});

describe("an option that means nothing", () => {
  it.each([
    ["two values of a tag", ["list", "--tag", "tenant=7", "tenant=8"]],
    ["less than one job", ["list", "--limit", "0"]],
    ["a payload beside a batch", ["submit", "-t", "a", "-p", "1", "--batch", "-"]],
    ["a wait for a batch", ["submit", "-t", "a", "--batch", "-", "--wait"]],
    ["a count that is none", ["tail", "--count", "some"]],
    ["a count of nothing", ["tail", "--count", "0"]],
    ["an event that there is not", ["tail", "--event", "done", "nope"]],
    ["fewer workers than none", ["serve", "--http", ":0", "--store", "memory", "--workers", "-1"]],
  ])("is refused: %s", async (_, args) => {
    const at = args[0] === "serve" ? [] : ["--url", "http://127.0.0.1:9"];
    expect((await jobq([...args, ...at], { stdin: "1\n" })).code).toBe(2);
  });
});

it("list and cancel find what is between two attempts by the word of the HTTP API", async () => {
  const cwd = await folder();
  const at = ["--store", "level://data", "--json"];
  await jobq(["migrate", "--store", "level://data"], { cwd });
  const path = join(cwd, "data");
  const svc = createService({ jobs: levelJobs(path), topics: levelTopics(path) });
  const tried = await svc.enqueue("mail");
  const [job] = await svc.reserve("mail");
  await job?.retry({ delay: "1h" });
  const never = await svc.enqueue("mail", 1, { delay: "1h" });
  await svc.close();
  const ids = async (state: string, ...more: string[]) =>
    json(await jobq(["list", "--state", state, ...more, ...at], { cwd })).map(({ id }: { id: string }) => id);
  expect(await ids("delayed")).toEqual([never, tried]);
  expect(await ids("retrying", "--limit", "1")).toEqual([tried]);
  expect((await jobq(["cancel", "--state", "retrying", "--yes", ...at], { cwd })).code).toBe(0);
  expect(await ids("delayed")).toEqual([never]);
});

it("delete leaves the ended members of a live bundle, and says so, unless it is told their ids or takes the bundle too", async () => {
  const cwd = await folder();
  const at = ["--store", "level://data"];
  await jobq(["migrate", ...at], { cwd });
  const path = join(cwd, "data");
  const svc = createService({ jobs: levelJobs(path), topics: levelTopics(path) });
  const requests = [1, 2, 3].map((payload) => ({ topic: "a", payload }));
  await createBundles(svc).enqueue("images", requests);
  for (const job of await svc.reserve("a", 2)) await job.done();
  const [{ id } = { id: "" }] = await svc.find({ state: "done" });
  await svc.close();
  const remove = async (...args: string[]) => {
    const { stdout, stderr } = await jobq(["delete", ...args, "--json", "--yes", ...at], { cwd });
    return [JSON.parse(stdout).count, stderr.trim()];
  };
  const left = "left that bundles or runs still need; by id they can be deleted";
  expect(await remove("--state", "done", "--dry-run")).toEqual([0, `2 jobs ${left}`]);
  expect(await remove("--state", "done")).toEqual([0, `2 jobs ${left}`]);
  expect(await remove(id)).toEqual([1, ""]);
  expect(await remove("--all")).toEqual([3, ""]);
});
