import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { folder, jobq } from "./terminal.ts";

it("the command's version is that of its package", async () => {
  const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  expect(await jobq(["--version"])).toMatchObject({ code: 0, stdout: `${version}\n` });
});

it.each([
  [["sumbit"], "(Did you mean submit?)"],
  [["workflows", "sgnal", "x"], "(Did you mean signal?)"],
  [["bundles", "cancle"], "(Did you mean cancel?)"],
  [["schedules", "triger", "nightly"], "(Did you mean trigger?)"],
  [["workflows", "list", "--nmae", "x"], "(Did you mean --name?)"],
])("%j is told the nearest there is", async (args, nearest) => {
  const { code, stdout, stderr } = await jobq([...args, "--store", "memory"]);
  expect([code, stdout]).toEqual([2, ""]);
  expect(stderr).toContain(nearest);
});

it.each(["workflows", "bundles", "schedules"])("%s lists, with `list` and without", async (command) => {
  const ran = await jobq([command, "--store", "memory", "--json"]);
  expect(ran).toMatchObject({ code: 0, stdout: "[]\n" });
  expect(await jobq([command, "list", "--store", "memory", "--json"])).toEqual(ran);
});

it("a version that there is not has no SQL", async () => {
  const print = ["migrate", "--print", "--store", "sqlite://jobs.db", "--from"];
  const cwd = await folder();
  expect((await jobq([...print, "1"], { cwd })).code).toBe(0);
  for (const from of ["7", "-1"]) {
    expect(await jobq([...print, from], { cwd })).toMatchObject({ code: 2, stdout: "" });
  }
});

describe("what the parser of arguments refuses", () => {
  it.each([
    ["an unknown option", ["list", "--stat", "done"], "unknown option '--stat'\n(Did you mean --state?)"],
    ["an unknown command", ["lst"], "unknown command 'lst'\n(Did you mean list?)"],
    ["a value that is missing", ["submit", "-t"], "option '-t, --type <type>' argument missing"],
  ])("%s is told as other errors are, and as JSON where that is asked for", async (_, args, message) => {
    const plain = await jobq(args);
    expect([plain.code, plain.stdout, plain.stderr]).toEqual([2, "", `jobq: ${message}\n`]);
    const asked = await jobq(["--json", ...args]);
    expect([asked.code, asked.stdout, JSON.parse(asked.stderr)]).toEqual([
      2,
      "",
      { error: { code: "USAGE", message } },
    ]);
  });
});

it("an address of a server with a password in it is refused, and not shown", async () => {
  for (const args of [["topics"], ["doctor"], ["delete", "x"]]) {
    const { code, stderr } = await jobq([...args, "--url", "http://ada:s3cret@localhost:1"]);
    expect([code, stderr.includes("--key or JOBQ_KEY"), stderr.includes("s3cret")]).toEqual([2, true, false]);
  }
});

describe("an argument that is empty, as a variable that is not set leaves it", () => {
  it.each([
    [["status", ""], "the id given to jobq status is empty"],
    [["cancel", "a", "b", ""], "the id given to jobq cancel is empty"],
    [["workflows", "signal", "a", ""], "the name given to jobq workflows signal is empty"],
    [["schedules", "pause", ""], "the name given to jobq schedules pause is empty"],
  ])("%j is refused before anything is asked for", async (args, message) => {
    const { code, stderr } = await jobq([...args, "--url", "http://127.0.0.1:1"]);
    expect([code, stderr]).toEqual([2, `jobq: ${message}\n`]);
  });
});

it.each(["bundles", "workflows"])("jobq %s says where to look for what there is not", async (command) => {
  const cwd = await folder();
  await jobq(["migrate", "--store", "level://data"], { cwd });
  for (const action of ["get", "cancel"]) {
    const { code, stderr } = await jobq([command, action, "nope", "--store", "level://data"], { cwd });
    expect([code, stderr]).toEqual([
      3,
      expect.stringContaining(`\`jobq ${command}\` lists them; \`jobq status nope\``),
    ]);
  }
});
