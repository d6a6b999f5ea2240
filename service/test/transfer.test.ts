import { JobqError, type JobRepository } from "@jobq/core";
import { memoryJobs } from "@jobq/job-memory";
import { memoryTopics } from "@jobq/pq-memory";
import { compose, createService } from "@jobq/service";
import { exportJobs, importJobs } from "@jobq/service/transfer";
import { expect, test } from "vitest";

/** A repository with jobs in every state, one of them with a log. */
async function sample(): Promise<JobRepository> {
  const jobs = memoryJobs();
  const svc = createService({ jobs, topics: memoryTopics() });
  await svc.enqueueMany(Array.from({ length: 1203 }, (_, n) => ({ topic: "bulk", payload: { n, text: "ü\n😀" } })));
  await svc.enqueue("later", 1, { delay: "1h", tags: { env: "test" } });
  await svc.enqueue("keyed", 2, { unique: "key" });
  const [done, gone, held] = await svc.reserve("bulk", 3);
  await done?.log("a line");
  await done?.done({ pages: 2 });
  await gone?.cancel("not needed");
  await held?.progress(0.5, "half");
  return jobs;
}

async function collect(lines: AsyncIterable<string>): Promise<string[]> {
  const all: string[] = [];
  for await (const line of lines) all.push(line);
  return all;
}

test("an export imported elsewhere and exported again is the same, line by line", async () => {
  const lines = await collect(exportJobs(await sample()));
  const other = memoryJobs();
  expect(await importJobs(other, lines)).toEqual({ imported: 1205, present: 0 });
  expect(await collect(exportJobs(other))).toEqual(lines);
});

test("an import that was cut off is run again, and an export goes on after the last line", async () => {
  const jobs = await sample();
  const lines = await collect(exportJobs(jobs));
  const other = memoryJobs();
  await importJobs(other, lines.slice(0, 700));
  expect(await importJobs(other, lines)).toEqual({ imported: 505, present: 700 });
  const after = (JSON.parse(lines[699] as string) as { job: { id: string } }).job.id;
  expect(await collect(exportJobs(jobs, { after }))).toEqual(lines.slice(700));
});

test("a transfer tells how far it has come", async () => {
  const jobs = await sample();
  const counts: number[] = [];
  const onProgress = (progress: { jobs: number }) => counts.push(progress.jobs);
  await importJobs(memoryJobs(), exportJobs(jobs, { onProgress }), { onProgress });
  expect(counts.filter((count) => count === 1205)).toHaveLength(2);
});

test("imported into a composed store, jobs are ready to be reserved", async () => {
  const jobs = memoryJobs();
  const topics = memoryTopics();
  await importJobs(compose(jobs, topics), exportJobs(await sample()));
  const svc = createService({ jobs, topics });
  expect(await svc.reserve("bulk", 2000)).toHaveLength(1200);
});

test.each(["no json", '{"job":{}}', "[]"])("a line that is no export is refused: %s", async (line) => {
  const jobs = memoryJobs();
  await expect(importJobs(jobs, [line])).rejects.toMatchObject({ code: "PAYLOAD_INVALID" });
  expect(await jobs.find({ limit: 10 })).toEqual([]);
});

test("a job whose unique key is held by another is named", async () => {
  const lines = await collect(exportJobs(await sample()));
  const other = memoryJobs();
  const svc = createService({ jobs: other, topics: memoryTopics() });
  await svc.enqueue("keyed", 3, { unique: "key" });
  const failure: unknown = await importJobs(other, lines).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(JobqError);
  expect(failure).toMatchObject({ code: "DUPLICATE_JOB", details: { unique: "key" } });
});
