import { chmod } from "node:fs/promises";
import { join } from "node:path";
import { ManualClock } from "@jobq/core";
import { levelJobs } from "@jobq/job-level";
import { levelTopics } from "@jobq/pq-level";
import { memoryTopics } from "@jobq/pq-memory";
import { createService } from "@jobq/service";
import { describe, expect, it } from "vitest";
import { folder, jobq, serving } from "./terminal.ts";

interface Found {
  readonly level: string;
  readonly about: string;
}

const findings = ({ stdout }: { readonly stdout: string }): Record<string, string> =>
  Object.fromEntries((JSON.parse(stdout).findings as Found[]).map(({ about, level }) => [about, level]));

const NOBODY = 65_534;

/** Works without the rights of the superuser, whom nothing keeps from writing. */
async function asNobody<T>(work: () => Promise<T>): Promise<T> {
  if (process.getuid?.() !== 0) return work();
  process.seteuid?.(NOBODY);
  try {
    return await work();
  } finally {
    process.seteuid?.(0);
  }
}

describe("jobq doctor", () => {
  it("looks at a server", async () => {
    const ran = await jobq(["doctor", "--url", await serving(), "--json"]);
    expect(ran.code).toBe(0);
    expect(findings(ran)).toMatchObject({ server: "good", clock: "good", leases: "good", history: "good" });
  });

  it.each(["level://data", "sqlite://jobs.db"])(
    "looks at %s, and warns of dead letters and of paused topics",
    async (store) => {
      const cwd = await folder();
      const at = ["--store", store];
      await jobq(["migrate", ...at], { cwd });
      await jobq(["submit", "-t", "mail", ...at], { cwd });
      expect(findings(await jobq(["doctor", "--json", ...at], { cwd }))).toMatchObject({
        version: "good",
        "oldest job": "good",
      });
      await jobq(["pause", "mail", ...at], { cwd });
      const ran = await jobq(["doctor", "--json", ...at], { cwd });
      expect([ran.code, findings(ran).paused]).toEqual([0, "warning"]);
      expect((await jobq(["doctor", ...at], { cwd })).stdout).toContain("jobq resume");
    },
  );

  it("warns of a database that this user may not write", async () => {
    const cwd = await folder();
    const at = ["--store", "sqlite://jobs.db"];
    await jobq(["migrate", ...at], { cwd });
    await jobq(["doctor", ...at], { cwd }); // loads what the superuser alone may be able to read
    await jobq(["submit", "-t", "mail", ...at], { cwd });
    await chmod(join(cwd, "jobs.db"), 0o444);
    await chmod(cwd, 0o777); // where SQLite may make its index of the log
    const ran = await asNobody(() => jobq(["doctor", "--json", ...at], { cwd }));
    expect([ran.code, findings(ran)]).toEqual([0, expect.objectContaining({ writing: "warning", journal: "good" })]);
  });

  it("advises what picks the jobs that it has counted, and no others", async () => {
    const cwd = await folder();
    const at = ["--store", "level://data"];
    await jobq(["migrate", ...at], { cwd });
    const svc = createService({ jobs: levelJobs(join(cwd, "data")), topics: memoryTopics() });
    const dead = await svc.enqueue("mail", 1, { maxRetries: 0 });
    for (const job of await svc.reserve("mail", 1)) await job.retry();
    await svc.enqueue("mail", 2, { expires: 0 });
    await svc.reserve("mail", 1);
    expect((await svc.find({ state: "canceled" })).map(({ reason }) => reason)).toEqual(["exhausted", "expired"]);
    await svc.close();
    const { stdout } = await jobq(["doctor", ...at], { cwd });
    expect(stdout).toContain("1 have no retries left, 0 lost their leases too often");
    const [, picks = ""] = /`jobq retry (.*?)`/.exec(stdout) ?? [];
    const listed = await jobq(["list", ...picks.split(" "), "--json", ...at], { cwd });
    expect(JSON.parse(listed.stdout).map(({ id }: { id: string }) => id)).toEqual([dead]);
  });

  it("measures how long a job waits from its latest attempt, not from when it was enqueued", async () => {
    const cwd = await folder();
    const at = ["--store", "level://data"];
    await jobq(["migrate", ...at], { cwd });
    const clock = new ManualClock(Date.now() - 7 * 86_400_000);
    const svc = createService({
      jobs: levelJobs(join(cwd, "data"), { clock }),
      topics: levelTopics(join(cwd, "data")),
    });
    const id = await svc.enqueue("mail", 1);
    clock.advance(7 * 86_400_000);
    for (const job of await svc.reserve("mail", 1)) await job.release();
    await svc.close();
    const { stdout } = await jobq(["doctor", ...at], { cwd });
    expect(stdout).toMatch(new RegExp(`job ${id} of mail was last begun \\S+ ago and is ready`));
    expect((await jobq(["topics", ...at], { cwd })).stdout).toMatch(/^mail +1 +\d+m?s ago/m);
  });
});
