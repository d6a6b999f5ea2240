import { join } from "node:path";
import { levelJobs } from "@jobq/job-level";
import { describe, expect, it } from "vitest";
import { endedUnderLoad } from "./served-process.ts";
import { folder } from "./terminal.ts";

/** Which of the jobs are not in the store. */
async function lost(cwd: string, ids: readonly string[]): Promise<string[]> {
  const jobs = levelJobs(join(cwd, "data"));
  try {
    const found = await jobs.get(ids);
    return ids.filter((_, index) => found[index] === undefined);
  } finally {
    await jobs.close();
  }
}

describe("jobq serve as a process", () => {
  it("that is killed under load has lost no job that it acknowledged", async () => {
    const cwd = await folder();
    const { acknowledged, signal } = await endedUnderLoad({ cwd, signal: "SIGKILL", after: 150 });
    expect(signal).toBe("SIGKILL");
    expect(acknowledged.length).toBeGreaterThanOrEqual(150);
    expect(await lost(cwd, acknowledged)).toEqual([]);
  });

  it("that is asked to stop under load ends well, in time, and has lost nothing", async () => {
    const cwd = await folder();
    const course = await endedUnderLoad({ cwd, signal: "SIGTERM", after: 150 });
    expect([course.code, course.signal]).toEqual([0, null]);
    expect(course.endedAfterMs).toBeLessThan(10_000);
    expect(await lost(cwd, course.acknowledged)).toEqual([]);
  });
});
