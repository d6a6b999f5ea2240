import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { folder, jobq, serving, start } from "./terminal.ts";

const json = ({ stdout }: { readonly stdout: string }) => JSON.parse(stdout);
const CRON = new URL("../../node_modules/@jobq/service/src/cron/index.ts", import.meta.url).href;

async function module(): Promise<string> {
  const cwd = await folder();
  await writeFile(
    join(cwd, "jobs.mjs"),
    `import { daily } from "${CRON}";
     export const schedules = {
       report: { when: daily("09:00"), topic: "reports", payload: { kind: "sales" }, until: Date.UTC(2999, 0), jitter: "5m" },
     };`,
  );
  return cwd;
}

/** One schedule with all that is known of it, and in lists with all but its payload. */
async function shown(at: readonly string[], cwd: string): Promise<void> {
  const { upcoming, payload, ...rest } = json(await jobq(["schedules", "get", "report", "--json", ...at], { cwd }));
  expect(rest).toEqual({
    ...{
      name: "report",
      when: { type: "daily", time: "09:00" },
      timezone: "UTC",
      topic: "reports",
      jobName: "reports",
    },
    ...{ missed: "one", jitterMs: 300_000, paused: false, canceled: false },
    ...{ untilAt: "2999-01-01T00:00:00.000Z", nextAt: upcoming[0] },
  });
  expect(payload).toEqual({ kind: "sales" });
  const days = upcoming.map((instant: string) => Date.parse(instant) / 86_400_000 - 9 / 24);
  expect(days).toEqual([0, 1, 2, 3, 4].map((after) => days[0] + after));
  expect(json(await jobq(["schedules", "--json", ...at], { cwd }))).toEqual([rest]);
  const { stdout } = await jobq(["schedules", "get", "report", ...at], { cwd });
  expect(stdout).toMatch(/^when +daily 09:00, UTC$/m);
  expect(stdout).toContain(upcoming[4]);
  expect(stdout).toMatch(/^payload +\{"kind":"sales"\}$/m);
}

async function steered(at: readonly string[], cwd: string): Promise<void> {
  const list = async () => json(await jobq(["schedules", "--json", ...at], { cwd }));
  expect(await list()).toMatchObject([{ name: "report", timezone: "UTC", topic: "reports", paused: false }]);
  await shown(at, cwd);
  expect((await jobq(["schedules", "pause", "report", ...at], { cwd })).code).toBe(0);
  expect((await list())[0].paused).toBe(true);
  expect(json(await jobq(["schedules", "get", "report", "--json", ...at], { cwd }))).toMatchObject({ upcoming: [] });
  expect((await jobq(["schedules", ...at], { cwd })).stdout).toContain("daily 09:00");
  const { id } = json(await jobq(["schedules", "trigger", "report", "--json", ...at], { cwd }));
  expect(json(await jobq(["status", id, "--json", ...at], { cwd })).topic).toBe("reports");
  expect(json(await jobq(["explain", id, "--json", ...at], { cwd })).state).toBe("ready");
  expect((await jobq(["schedules", "resume", "report", ...at], { cwd })).code).toBe(0);
  const all = await jobq(["cancel", "--all", "--yes", ...at], { cwd });
  expect([all.code, all.stdout.trim(), all.stderr]).toEqual([
    ...[0, "1 job canceled", expect.stringContaining("1 job left on jobq:schedules")],
  ]);
  expect((await list())[0].canceled).toBe(false);
  expect((await jobq(["schedules", "remove", "report", ...at], { cwd })).code).toBe(0);
  expect(await list()).toEqual([]);
  for (const action of ["get", "pause"])
    expect((await jobq(["schedules", action, "report", ...at], { cwd })).code).toBe(3);
  expect((await jobq(["schedules", "stop", "report", ...at], { cwd })).code).toBe(2);
  expect((await jobq(["explain", "01a21c13-57cb-70db-92fb-9d573c28a2b6", ...at], { cwd })).code).toBe(3);
}

it("explain says nothing of workers straight on a store, which it cannot know", async () => {
  const cwd = await folder();
  const at = ["--store", "level://data"];
  await jobq(["migrate", ...at], { cwd });
  const id = (await jobq(["submit", "-t", "mail", "--delay", "1h", ...at], { cwd })).stdout.trim();
  const { reasons, text } = json(await jobq(["explain", id, "--json", ...at], { cwd }));
  expect(reasons).toMatchObject([{ type: "delayed" }]);
  expect(text).toMatch(/^It is delayed until [^.]+\.\d+Z\.$/);
});

describe("jobq schedules and explain", () => {
  it("work on a server", async () => {
    const cwd = await module();
    await steered(["--url", await serving(["--jobs", "jobs.mjs", "--workers", "0"], { cwd })], cwd);
  });

  it("say what to call for a schedule, where its job was to be canceled", async () => {
    const cwd = await module();
    const at = ["--url", await serving(["--jobs", "jobs.mjs", "--workers", "0"], { cwd })];
    const [{ id }] = json(await jobq(["list", "--topic", "jobq:schedules", "--json", ...at]));
    const { code, stderr } = await jobq(["cancel", id, ...at]);
    expect([code, stderr]).toEqual([
      4,
      expect.stringMatching(/is the schedule "report".*\n.*jobq schedules pause report/),
    ]);
    expect((await jobq(["schedules", "get", id, ...at])).stderr).toContain("`jobq schedules` lists them");
  });

  it("work on a store", async () => {
    const cwd = await module();
    const server = start(["serve", "--http", ":0", "--jobs", "jobs.mjs", "--workers", "0"], { cwd });
    await server.printed(/http/);
    server.stop();
    await server.ended;
    const at = ["--store", "level://data"];
    const warnings = async () => {
      const { findings } = json(await jobq(["doctor", "--json", ...at], { cwd }));
      return findings.filter(({ level }: { level: string }) => level !== "good");
    };
    expect(await warnings()).toEqual([]);
    await jobq(["pause", "jobq:schedules", ...at], { cwd });
    expect(await warnings()).toMatchObject([{ level: "warning", about: "modules" }]);
    await jobq(["resume", "jobq:schedules", ...at], { cwd });
    expect((await jobq(["cancel", "--topic", "jobq:schedules", "--yes", ...at], { cwd })).code).toBe(0);
    expect(await warnings()).toMatchObject([{ about: "schedules", text: expect.stringContaining("report") }]);
    expect((await jobq(["schedules", ...at], { cwd })).stdout).toContain("canceled");
    for (const action of ["pause", "resume"])
      expect((await jobq(["schedules", action, "report", ...at], { cwd })).code).toBe(4);
    const [{ advice }] = await warnings();
    const [, picks = ""] = /`jobq reset (.*?)`/.exec(advice) ?? [];
    expect((await jobq(["reset", ...picks.split(" "), "--yes", ...at], { cwd })).code).toBe(0);
    await steered(at, cwd);
  });
});
