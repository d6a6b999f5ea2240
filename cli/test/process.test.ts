import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { levelJobs } from "@jobq/job-level";
import { describe, expect, it } from "vitest";
import { endedBySignal, endedUnderLoad } from "./served-process.ts";
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

  it("ends although its module keeps something open", async () => {
    const cwd = await folder();
    await writeFile(join(cwd, "open.mjs"), "setInterval(() => {}, 1000); export const setup = () => {};");
    expect(await endedBySignal(cwd, "open.mjs", /"url"/)).toEqual([0, null]);
  });

  it("ends although its module's setup does not", async () => {
    const cwd = await folder();
    const setup = 'console.log("setting up"); return new Promise(() => setInterval(() => {}, 1000));';
    await writeFile(join(cwd, "stuck.mjs"), `export function setup() { ${setup} }`);
    expect(await endedBySignal(cwd, "stuck.mjs", /setting up/)).toEqual([0, null]);
  });
});
