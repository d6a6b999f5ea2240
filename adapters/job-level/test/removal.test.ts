import { testId, testJob, testJobs } from "@jobq/conformance";
import { levelJobs } from "@jobq/job-level";
import { ClassicLevel } from "classic-level";
import { expect, onTestFinished, test, vi } from "vitest";
import { headKey } from "../src/layout/keys.ts";
import { noteKeys } from "../src/record/notes.ts";
import { directory } from "./databases.ts";

const NOW = 1_000;

async function database(): Promise<ClassicLevel> {
  const { path, remove } = await directory();
  const db = new ClassicLevel(path);
  onTestFinished(async () => {
    await db.close();
    await remove();
  });
  return db;
}

test("when many of the jobs were removed, the space is given back where they were", async () => {
  const db = await database();
  const jobs = levelJobs(db, { durability: "process" });
  const payload = "p".repeat(250);
  const compact = vi.spyOn(db, "compactRange");
  const ids = testJobs(12_000).map(({ id }) => id);
  for (let at = 0; at < 12_000; at += 1_000) {
    await jobs.commit([{ now: NOW, insert: testJobs(1_000, at + 1, { payload }) }]);
  }
  for (let at = 0; at < 9_000; at += 1_000) await jobs.commit([{ now: NOW, remove: ids.slice(at, at + 1_000) }]);
  expect(compact).not.toHaveBeenCalled();
  await jobs.commit([{ now: NOW, remove: ids.slice(9_000, 10_000) }]);
  await jobs.close(); // waits for it
  expect(compact.mock.calls.map(([start]) => start)).toContain(headKey("live", testId(1)));
  const size = await db.approximateSize("jobq:j", "jobq:k");
  expect(size).toBeLessThan(2_000 * 1_000);
});

test("the notes of removed jobs are found among many others, a page of them not being read twice", async () => {
  const db = await database();
  const jobs = levelJobs(db, { durability: "process" });
  const numbers = Array.from({ length: 60 }, (_, index) => index + 1);
  await jobs.commit([{ now: NOW, insert: testJobs(60) }]);
  const note = (number: number, count: number) =>
    Array.from({ length: count }, (_, index) => {
      return { id: testId(number), kind: "log", key: `${index}`, value: "v", at: NOW } as const;
    });
  await jobs.commit([{ now: NOW, note: numbers.flatMap((number) => note(number, number % 3 === 0 ? 700 : 0)) }]);
  const some = [2, 3, 30, 31, 59].map(testId);
  expect(await noteKeys(db, some)).toHaveLength(1_400);
  expect(await noteKeys(db, [testId(2)])).toEqual([]);
  expect(await noteKeys(db, [])).toEqual([]);
  await jobs.commit([{ now: NOW, remove: some, insert: [testJob(61)] }]);
  expect(await noteKeys(db, numbers.map(testId))).toHaveLength(18 * 700);
});

test("a job that cannot be read is removed, and the rest counted anew, in one write", async () => {
  const db = await database();
  await levelJobs(db).commit([{ now: NOW, insert: testJobs(3) }]);
  await db.put(headKey("live", testId(2)), "2r[1,");
  const jobs = levelJobs(db);
  await jobs.tally();
  const batch = vi.spyOn(db, "batch");
  await jobs.commit([{ now: NOW, remove: [testId(2)] }]);
  expect(batch).toHaveBeenCalledTimes(1);
  expect(await jobs.tally()).toEqual([{ topic: "topic", state: "ready", count: 2 }]);
});
