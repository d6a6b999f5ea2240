import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { folder, jobq, type Ran, serving, start } from "./terminal.ts";

/** A setting with a value that it cannot have, and what is said of that. */
interface Wrong {
  readonly name: string;
  readonly value: string | number;
  readonly says: string;
}

const SERVE = ["serve", "--http", ":0", "--store", "memory"];

/** Calls a command with a value in each of the places where it can be set, and what the error should call that. */
async function everywhere(args: readonly string[], { name, value }: Wrong): Promise<(readonly [string, Ran])[]> {
  const cwd = await folder();
  const option = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  const variable = `JOBQ_${name.replace(/[A-Z]/g, "_$&").toUpperCase()}`;
  const rest = args.filter((_, at) => args[at] !== option && args[at - 1] !== option);
  const byOption = await jobq([...rest, `${option}=${value}`], { cwd });
  const byVariable = await jobq(rest, { cwd, env: { [variable]: String(value) } });
  await writeFile(join(cwd, "jobq.json"), JSON.stringify({ [name]: value }));
  const byFile = await jobq(rest, { cwd });
  return [
    [option, byOption],
    [variable, byVariable],
    [`${join(cwd, "jobq.json")}: ${name}`, byFile],
  ];
}

describe("a value that a setting cannot have is refused with the place that it stands in", () => {
  const wrong: readonly Wrong[] = [
    { name: "http", value: "host", says: "must be an address such as :8080" },
    { name: "http", value: 70_000, says: "must be an address such as :8080" },
    { name: "http", value: "0.0.0.0:0", says: "host must be a loopback address for a server without keys" },
    { name: "basePath", value: "queue", says: "must be a path such as /queue" },
    { name: "shutdownTimeout", value: "soon", says: "must be a duration such as 30s" },
    { name: "keepDone", value: 7, says: "must be a duration such as 30s" },
    { name: "keepCanceled", value: "7", says: "must be a duration such as 30s" },
    { name: "store", value: "redis://a", says: "a store must be memory" },
    { name: "jobs", value: "none.mjs", says: "none.mjs cannot be loaded" },
  ];
  it.each(wrong)("serve, $name: $value", async (one) => {
    for (const [from, { code, stderr }] of await everywhere(SERVE, one)) {
      expect([code, stderr.startsWith(`jobq: ${from}`), stderr]).toEqual([2, true, expect.stringContaining(one.says)]);
    }
  });

  it.each<Wrong>([
    { name: "url", value: "localhost", says: "must be the address of a server such as http://127.0.0.1:8080" },
    { name: "url", value: "http://", says: "must be the address of a server" },
    { name: "url", value: "http://ada:s3cret@localhost", says: "takes no user and password" },
    { name: "store", value: "redis://a", says: "a store must be memory" },
    { name: "key", value: "s3cret\nb", says: "must be a key as `jobq keys` makes it" },
  ])("status, $name: $value", async (one) => {
    for (const [from, { code, stderr }] of await everywhere(["status"], one)) {
      expect([code, stderr.startsWith(`jobq: ${from}`), stderr]).toEqual([2, true, expect.stringContaining(one.says)]);
      expect(stderr).not.toContain("s3cret");
    }
  });
});

it("workers that are no number are refused with the place that they stand in", async () => {
  const cwd = await folder();
  expect((await jobq([...SERVE, "--workers", "two"])).stderr).toContain("--workers must be a whole number");
  const { stderr } = await jobq(SERVE, { env: { JOBQ_WORKERS: "-1" } });
  expect(stderr).toContain('JOBQ_WORKERS must be at least 0, got "-1"');
  await writeFile(join(cwd, "jobq.json"), '{ "workers": 1.5 }');
  expect((await jobq(SERVE, { cwd })).stderr).toContain(`${join(cwd, "jobq.json")}: workers must be a whole number`);
});

it("a configuration that is not there is refused with what names it", async () => {
  expect((await jobq(["status", "--config", "no.json"])).stderr).toMatch(/^jobq: --config: .*no\.json/);
  expect((await jobq(["status"], { env: { JOBQ_CONFIG: "no.json" } })).stderr).toMatch(/^jobq: JOBQ_CONFIG: /);
});

it("an empty list of keys is refused with the variable that names its file", async () => {
  const cwd = await folder();
  await writeFile(join(cwd, "keys.json"), "[]");
  const { code, stderr } = await jobq(SERVE, { cwd, env: { JOBQ_KEYS: "keys.json" } });
  expect([code, stderr]).toEqual([2, expect.stringContaining("JOBQ_KEYS: keys.json: at least one key")]);
});

it("a number in the configuration is a port, or no time at all", async () => {
  const cwd = await folder();
  await writeFile(join(cwd, "jobq.json"), '{ "http": 0, "shutdownTimeout": 0, "store": "memory" }');
  const server = start(["serve"], { cwd });
  await server.printed(/http:\/\/127\.0\.0\.1:\d+/);
  server.stop();
  expect(await server.ended).toMatchObject({ code: 0, stderr: "stopping, within 0 s\n" });
});

it("a folder of data without a name is refused, which would be the current one", async () => {
  const { code, stderr } = await jobq(["serve", "--http", ":0", "--data-dir", ""], { cwd: await folder() });
  expect([code, stderr]).toEqual([2, 'jobq: --data-dir must be a folder, got ""\n']);
});

it("options and the environment set each of two that exclude each other before the file does", async () => {
  const cwd = await folder();
  await writeFile(join(cwd, "jobq.json"), '{ "store": "redis://a" }');
  await serving(["--store", "memory"], { cwd });
  const both = await jobq(["serve", "--store", "memory", "--data-dir", "data"], { cwd });
  expect(both).toMatchObject({ code: 2, stderr: "jobq: --store and --data-dir exclude each other\n" });
});
