import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { folder, jobq, serving, start } from "./terminal.ts";

const json = ({ stdout }: { readonly stdout: string }) => JSON.parse(stdout);
const MODULES = new URL("../../node_modules/@jobq/service/src/", import.meta.url).href;

describe("jobq serve", () => {
  it("runs echo and sleep", async () => {
    const at = ["--url", await serving()];
    const echoed = await jobq(["submit", ...at, "-t", "echo", "-p", '{"a":1}', "--wait", "10s"]);
    expect([echoed.code, json(echoed)]).toEqual([0, { a: 1 }]);
    const slept = await jobq(["submit", ...at, "-t", "sleep", "-p", '{"duration":"5ms"}', "--wait", "10s"]);
    expect(json(slept)).toEqual({ slept: "5ms" });
  });

  it("ends an attempt after the timeout of its job", async () => {
    const at = ["--url", await serving()];
    const job = ["-t", "sleep", "-p", '"1m"', "--timeout", "50ms", "--max-attempts", "1", "--wait", "10s"];
    const { code, stderr } = await jobq(["submit", ...at, ...job]);
    expect([code, stderr]).toEqual([1, expect.stringContaining("ran longer than its timeout of 50 ms")]);
  });

  it("has the dashboard at /", async () => {
    const response = await fetch(await serving(["--workers", "0"]), { headers: { accept: "text/html" } });
    expect([response.status, response.headers.get("content-type")]).toEqual([
      200,
      expect.stringMatching(/^text\/html/),
    ]);
  });

  it("has metrics for Prometheus, with what it ran", async () => {
    const url = await serving();
    await jobq(["submit", "--url", url, "-t", "echo", "-p", "1", "--wait", "10s"]);
    const text = await (await fetch(`${url}/metrics`)).text();
    expect(text).toMatch(/^jobs_completed_total\{.*name="echo".*\} 1$/m);
    const asked = await fetch(`${url}/metrics`, { headers: { accept: "application/json" } });
    expect(asked.headers.get("content-type")).toMatch(/^application\/json/);
  });

  it("keeps jobs in ./data by default, and one that is started again goes on with them", async () => {
    const cwd = await folder();
    for (const round of [1, 2]) {
      const server = start(["serve", "--http", ":0", "--workers", "0", "--json"], { cwd });
      const { url } = JSON.parse((await server.printed(/.*\n/))[0]);
      await jobq(["submit", "--url", url, "-t", "mail"]);
      expect(json(await jobq(["status", "--url", url, "--json"])).total.ready).toBe(round);
      server.stop("SIGTERM");
      expect((await server.ended).code).toBe(0);
    }
  });

  it("runs the jobs, schedules and setup of a module", async () => {
    const cwd = await folder();
    await writeFile(
      join(cwd, "my-jobs.mjs"),
      `import { defineJob } from "${MODULES}worker/index.ts";
       import { every } from "${MODULES}cron/index.ts";
       export const greet = defineJob("greet", { run: ({ name }) => \`hello \${name}\` });
       export const more = [defineJob("shout", { topic: "loud", run: (text) => text.toUpperCase() })];
       export const schedules = { hourly: { when: every("1h"), job: greet, payload: { name: "clock" } } };
       export const setup = (svc) => svc.enqueue("greet", { name: "setup" });`,
    );
    const at = ["--url", await serving(["--jobs", "my-jobs.mjs"], { cwd })];
    const greeted = await jobq(["submit", ...at, "-t", "greet", "-p", '{"name":"ada"}', "--wait", "10s"]);
    expect(json(greeted)).toBe("hello ada");
    const shouted = await jobq(["submit", ...at, "-t", "shout", "--topic", "loud", "-p", '"hi"', "--wait", "10s"]);
    expect(json(shouted)).toBe("HI");
    const payloads = json(await jobq(["list", ...at, "-t", "greet", "--json"])).length;
    expect(payloads).toBe(2);
    expect(json(await jobq(["topics", ...at, "--json"]))).toContainEqual(
      expect.objectContaining({ topic: "jobq:schedules", delayed: 1 }),
    );
  });

  it("has jobs that are submitted by their type as its module defines them, and so has a store that is given it", async () => {
    const cwd = await folder();
    await writeFile(
      join(cwd, "my-jobs.mjs"),
      `import { defineJob } from "${MODULES}worker/index.ts";
       export const shout = defineJob("shout", { topic: "loud", maxRetries: 4, run: (text) => text.toUpperCase() });`,
    );
    const url = await serving(["--jobs", "my-jobs.mjs"], { cwd });
    const run = await jobq(["submit", "--url", url, "-t", "shout", "-p", '"hi"', "--wait", "10s"]);
    expect(json(run)).toBe("HI");
    const store = "sqlite://jobs.db";
    await jobq(["migrate", "--store", store], { cwd });
    const at = ["--store", store, "--json"];
    const { id } = json(await jobq(["submit", ...at, "--jobs", "my-jobs.mjs", "-t", "shout"], { cwd }));
    const { topic, name, maxRetries } = json(await jobq(["status", id, ...at], { cwd }));
    expect([topic, name, maxRetries]).toEqual(["loud", "shout", 4]);
    const misspelled = await jobq(["submit", ...at, "--jobs", "my-jobs.mjs", "-t", "shuot"], { cwd });
    expect([misspelled.code, misspelled.stderr.includes("no definition of shuot")]).toEqual([0, true]);
    expect((await jobq(["submit", "--url", url, "--jobs", "my-jobs.mjs", "-t", "shout"], { cwd })).code).toBe(2);
  });

  it.each([
    ["another address than loopback without keys", ["--http", "0.0.0.0:0"]],
    ["an address that is none", ["--http", "localhost"]],
    ["a module that is not there", ["--jobs", "nowhere.mjs"]],
    ["keys that are not there", ["--keys", "nowhere.json"]],
    ["two stores", ["--store", "memory", "--data-dir", "x"]],
    ["a log that there is not", ["--store", "memory", "--log", "all"]],
  ])("refuses %s", async (_, args) => {
    const server = start(["serve", "--http", ":0", ...args], { cwd: await folder() });
    const { code, stdout } = await server.ended;
    expect([code, stdout]).toEqual([2, ""]);
  });

  it.each([
    ["no JSON", "{", "JSON"],
    ["no array", "{}", "keys must be an array"],
    ["keys that are nothing", "[null]", "keys[0]"],
    ["a misspelled field", '[{ "name": "a", "role": "viewer", "key": "0123456789abcdef", "rates": {} }]', '"rate"'],
  ])("names what is wrong with a file of keys that has %s", async (_, text, named) => {
    const cwd = await folder();
    await writeFile(join(cwd, "keys.json"), text);
    const { code, stderr } = await start(["serve", "--http", ":0", "--keys", "keys.json"], { cwd }).ended;
    expect([code, stderr, stderr]).toEqual([2, expect.stringContaining(named), expect.stringContaining("keys.json: ")]);
    expect(await readdir(cwd)).toEqual(["keys.json"]);
  });

  it.each([
    ["is not there", undefined, "no such file"],
    ["throws", 'export const x = (() => { throw new Error("no luck"); })();', "no luck"],
    ["imports what is not there", 'import "@nobody/nothing";', "@nobody/nothing"],
  ])("says of a module that %s what is wrong, and nothing of its own code", async (_, text, why) => {
    const cwd = await folder();
    if (text !== undefined) await writeFile(join(cwd, "broken.mjs"), text);
    const { code, stderr } = await start(["serve", "--http", ":0", "--jobs", "./broken.mjs"], { cwd }).ended;
    expect([code, stderr.includes(why)]).toEqual([2, true]);
    expect(stderr).toContain("./broken.mjs cannot be loaded: ");
    expect(stderr).not.toMatch(/node:internal|jobs-module/);
  });

  it("refuses a module that exports nothing of use, and says what it may export", async () => {
    const cwd = await folder();
    await writeFile(join(cwd, "empty.mjs"), "export const x = 1;");
    const { code, stderr } = await start(["serve", "--http", ":0", "--jobs", "empty.mjs"], { cwd }).ended;
    expect([code, stderr.includes("defineJob")]).toEqual([2, true]);
  });

  it.each([
    ["topic = {}", "topics"],
    ["schedule = {}", "schedules"],
    ["setUp = () => {}", "setup"],
  ])("refuses a module that exports %s, which says nothing, instead of %s", async (text, meant) => {
    const cwd = await folder();
    await writeFile(join(cwd, "jobs.mjs"), `export const ${text}; export const stop = () => {};`);
    const args = ["serve", "--http", ":0", "--store", "memory", "--jobs", "jobs.mjs"];
    const { code, stderr } = await start(args, { cwd }).ended;
    expect([code, stderr]).toEqual([2, expect.stringContaining(`did you mean "${meant}"?`)]);
  });

  it("says of a schedule whose time is a word what makes one", async () => {
    const cwd = await folder();
    await writeFile(join(cwd, "jobs.mjs"), 'export const schedules = { x: { when: "daily" } };');
    const args = ["serve", "--http", ":0", "--store", "memory", "--jobs", "jobs.mjs"];
    const { code, stderr } = await start(args, { cwd }).ended;
    expect([code, stderr]).toEqual([2, expect.stringContaining('schedules["x"].when must be what every, daily')]);
  });

  it("with keys takes them, and commands without one end with 7", async () => {
    const cwd = await folder();
    const { key, entry } = json(await jobq(["keys", "--name", "shop", "--role", "viewer", "--json"]));
    await writeFile(join(cwd, "keys.json"), JSON.stringify([entry]));
    const url = await serving(["--keys", "keys.json"], { cwd });
    expect((await jobq(["topics", "--url", url])).code).toBe(7);
    expect((await jobq(["topics", "--url", url], { env: { JOBQ_KEY: key } })).code).toBe(0);
    expect((await jobq(["submit", "--url", url, "--key", key, "-t", "echo"])).code).toBe(7);
  });

  it("has no events of a job that does not exist", async () => {
    const url = await serving(["--store", "memory"]);
    const { code, stderr } = await jobq(["tail", "nope", "--url", url]);
    expect([code, stderr.includes("job nope does not exist")]).toEqual([3, true]);
  });

  it("stops a change of many jobs at the first refusal that holds for all of them", async () => {
    const cwd = await folder();
    const { key, entry } = json(await jobq(["keys", "--name", "shop", "--role", "operator", "--json"]));
    await writeFile(join(cwd, "keys.json"), JSON.stringify([entry]));
    const serve = [
      "serve",
      "--http",
      ":0",
      "--keys",
      "keys.json",
      "--store",
      "memory",
      "--workers",
      "0",
      "--log",
      "audit",
    ];
    const server = start(serve, { cwd });
    const [url] = await server.printed(/http:\S+/);
    const at = ["--url", url, "--key", key];
    await jobq(["submit", ...at, "-t", "mail", "--batch", "-"], { stdin: "1\n2\n3\n" });
    const { code, stdout, stderr } = await jobq(["delete", "--all", "--yes", ...at]);
    expect([code, stdout, stderr.match(/takes the role admin/g)?.length]).toEqual([7, "", 1]);
    server.stop();
    const audit = (await server.ended).stderr.split("\n").filter((line) => line.includes('"code":"forbidden"'));
    expect(audit).toHaveLength(1);
  });

  it.each([
    ["keys.json", ["--keys", "keys.json"], []],
    ["jobq.json", [], { keys: [] }],
  ])("does not open to everybody with an empty list of keys in %s", async (file, args, content) => {
    const cwd = await folder();
    await writeFile(join(cwd, file), JSON.stringify(content));
    const { code, stderr } = await start(["serve", "--http", ":0", "--store", "memory", ...args], { cwd }).ended;
    expect([code, stderr]).toEqual([
      2,
      expect.stringContaining(`${file}: ${file === "jobq.json" ? "keys: " : ""}at least one key`),
    ]);
  });

  it("is told by one that finds its store locked", async () => {
    const cwd = await folder();
    const server = start(["serve", "--http", ":0", "--workers", "0"], { cwd });
    await server.printed(/http/);
    const { code, stderr } = await jobq(["status", "--store", "level://data"], { cwd });
    expect([code, stderr.includes("--url")]).toEqual([5, true]);
    server.stop();
    await server.ended;
  });

  it("writes a line for what changes something, never what was in it", async () => {
    const server = start(["serve", "--http", ":0", "--store", "memory", "--workers", "0", "--log", "audit"]);
    const [url] = await server.printed(/http:\S+/);
    await jobq(["submit", "--url", url, "-t", "mail", "-p", '"secret"']);
    server.stop();
    const { stderr } = await server.ended;
    expect(stderr).toContain('"operation":"submitRecords"');
    expect(stderr).not.toContain("secret");
  });

  it("does without echo and sleep where the shares of a module take all slots", async () => {
    const cwd = await folder();
    await writeFile(
      join(cwd, "my-jobs.mjs"),
      `import { defineJob } from "${MODULES}worker/index.ts";
       export const mail = defineJob("mail", { run: () => "sent" });
       export const topics = { mail: { share: 2 } };`,
    );
    const at = ["--url", await serving(["--workers", "2", "--jobs", "my-jobs.mjs"], { cwd })];
    const sent = await jobq(["submit", ...at, "-t", "mail", "--wait", "10s"]);
    expect([sent.code, json(sent)]).toEqual([0, "sent"]);
  });

  it.each([
    ["an option", ["--keep-done", "0"], {}, {}],
    ["a variable", [], { JOBQ_KEEP_DONE: "0" }, {}],
    ["a number in the configuration", [], {}, { keepDone: 0 }],
  ])("keeps no job that is done where %s says so", async (_, options, env, configuration) => {
    const cwd = await folder();
    await writeFile(join(cwd, "jobq.json"), JSON.stringify(configuration));
    const server = start(["serve", "--http", ":0", ...options], { cwd, env });
    const [url] = await server.printed(/http:\S+/);
    const id = (await jobq(["submit", "--url", url, "-t", "echo"])).stdout.trim();
    const missing = await jobq(["status", "nope", "--url", url]);
    while ((await jobq(["status", id, "--url", url])).code !== missing.code);
    expect(json(await jobq(["list", "--url", url, "--json"]))).toEqual([]);
    server.stop();
    expect((await server.ended).code).toBe(0);
  });

  it("gives back a job that does not end within the timeout", async () => {
    const cwd = await folder();
    const server = start(["serve", "--http", ":0", "--shutdown-timeout", "1ms"], { cwd });
    const [url] = await server.printed(/http:\S+/);
    const id = (await jobq(["submit", "--url", url, "-t", "sleep", "-p", '"1h"'])).stdout.trim();
    const tail = start(["tail", id, "--url", url, "--count", "1"]);
    const stateOf = async (at: string[]) => json(await jobq(["status", id, "--json", ...at], { cwd })).state;
    while ((await stateOf(["--url", url])) !== "reserved");
    tail.stop();
    await tail.ended;
    server.stop("SIGTERM");
    await server.ended;
    expect(await stateOf(["--store", "level://data"])).toBe("ready");
  });
});

describe("a server that is not there", () => {
  it("is said to be, with what to do about it", async () => {
    const { code, stderr } = await jobq(["status", "--url", "http://127.0.0.1:9", "--json"]);
    expect(code).toBe(5);
    expect(JSON.parse(stderr).error).toMatchObject({
      code: "STORE_FAILED",
      hint: expect.stringContaining("jobq serve"),
    });
  });
});

describe("jobq tail", () => {
  it("prints events as they come, and ends after as many as it was asked for", async () => {
    const url = await serving();
    const tail = start(["tail", "--url", url, "--json", "--topic", "echo", "--event", "done", "enqueued", "-n", "2"]);
    // The stream may not be open at once.
    let over = false;
    void tail.ended.then(() => {
      over = true;
    });
    while (!over) await jobq(["submit", "--url", url, "-t", "echo", "--wait"]);
    const { code, stdout } = await tail.ended;
    const events = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(code).toBe(0);
    expect(events).toHaveLength(2);
    for (const { event, topic } of events)
      expect([["done", "enqueued"].includes(event), topic]).toEqual([true, "echo"]);
  });

  it("goes on when its server has restarted, and says that events are missing", async () => {
    const first = start(["serve", "--http", ":0", "--store", "memory", "--workers", "0"]);
    const [url] = await first.printed(/http:\S+/);
    const tail = start(["tail", "--url", url]);
    const heard = async (type: string) => {
      let over = false;
      const printed = tail.printed(new RegExp(type)).then(() => {
        over = true;
      });
      while (!over) await jobq(["submit", "--url", url, "-t", type]); // the stream may not be open at once
      await printed;
    };
    await heard("before");
    first.stop();
    await first.ended;
    await serving(["--workers", "0", "--http", `:${new URL(url).port}`]);
    await heard("after");
    tail.stop();
    expect((await tail.ended).stderr).toBe("the connection was lost, and events that came meanwhile are missing\n");
  });

  it("that is stopped ends with 130", async () => {
    const tail = start(["tail", "--url", await serving()]);
    tail.stop("SIGINT");
    expect((await tail.ended).code).toBe(130);
  });
});
