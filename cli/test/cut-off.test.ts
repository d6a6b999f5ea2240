import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { describe, expect, it } from "vitest";
import { folder, jobq, start } from "./terminal.ts";

const json = ({ stdout }: { readonly stdout: string }) => JSON.parse(stdout);

/** A folder whose store `data` holds so many jobs. */
async function filled(count: number): Promise<string> {
  const cwd = await folder();
  await jobq(["migrate", "--store", "level://data"], { cwd });
  const stdin = Array.from({ length: count }, (_, n) => `{"n":${n}}\n`).join("");
  await jobq(["submit", "--store", "level://data", "-t", "mail", "--batch", "-"], { cwd, stdin });
  return cwd;
}

describe("what is cut off says how far it got", () => {
  it("an import, which goes on where it was", async () => {
    const cwd = await filled(600);
    await jobq(["export", "all.ndjson", "--store", "level://data"], { cwd });
    const text = await readFile(join(cwd, "all.ndjson"), "utf8");
    const stdin = new Readable({ read() {} });
    stdin.push(text);
    const command = start(["import", "--store", "level://other"], { cwd, stdin, terminal: 80 });
    await command.noted(/500 jobs/);
    command.stop("SIGTERM");
    const { code, stderr } = await command.ended;
    expect([code, stderr]).toEqual([143, expect.stringMatching(/cut off: 500 jobs stored; the same again goes on/)]);
    const again = await jobq(["import", "--store", "level://other", "--json"], { cwd, stdin: text });
    expect(json(again)).toMatchObject({ imported: 100, present: 500 });
  });

  it("an import that fails at a line", async () => {
    const cwd = await filled(600);
    const { stdout } = await jobq(["export", "--store", "level://data"], { cwd });
    const ran = await jobq(["import", "--store", "level://other"], { cwd, stdin: `${stdout}{}\n` });
    expect([ran.code, ran.stderr]).toEqual([1, expect.stringMatching(/^cut off: 500 jobs stored.*\n.*line 601/)]);
  });

  it("a transfer that has not begun", async () => {
    const cwd = await filled(1);
    const command = start(["transfer", "level://data", "sqlite://jobs.db"], { cwd });
    command.stop();
    expect(await command.ended).toMatchObject({ code: 130, stderr: "cut off before a job was stored\n" });
  });

  it("an export", async () => {
    const cwd = await filled(1);
    const command = start(["export", "all.ndjson", "--store", "level://data"], { cwd });
    command.stop();
    expect(await command.ended).toMatchObject({
      code: 130,
      stderr: expect.stringContaining("all.ndjson is not whole"),
    });
  });
});

it("a transfer that fails names the store at fault", async () => {
  const cwd = await filled(1);
  const away = await jobq(["transfer", "level://data", "postgres://ada:s3cret@127.0.0.1:1/x"], { cwd });
  expect([away.code, away.stderr]).toEqual([
    5,
    expect.stringContaining("postgres://ada:…@127.0.0.1:1/x: the database"),
  ]);
  const back = await jobq(["transfer", "postgres://ada:s3cret@127.0.0.1:1/x", "level://data"], { cwd });
  expect([back.code, back.stderr]).toEqual([
    5,
    expect.stringContaining("postgres://ada:…@127.0.0.1:1/x: the database"),
  ]);
});
