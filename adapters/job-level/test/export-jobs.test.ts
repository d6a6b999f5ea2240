import type { JobRepository } from "@jobq/core";
import { levelJobs } from "@jobq/job-level";
import { memoryJobs } from "@jobq/job-memory";
import { levelTopics } from "@jobq/pq-level";
import { compose, createService } from "@jobq/service";
import { exportJobs, importJobs } from "@jobq/service/transfer";
import { ClassicLevel } from "classic-level";
import { expect, onTestFinished, test } from "vitest";
import { directory } from "./databases.ts";

/** A database in a directory of its own. */
async function database(): Promise<ClassicLevel> {
  const { path, remove } = await directory();
  const db = new ClassicLevel(path);
  onTestFinished(async () => {
    await db.close();
    await remove();
  });
  return db;
}

async function collect(jobs: JobRepository): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of exportJobs(jobs)) lines.push(line);
  return lines;
}

test("jobs that move from level to memory and back keep their ids and lose nothing", async () => {
  const first = await database();
  const jobs = levelJobs(first);
  const svc = createService({ jobs, topics: levelTopics(first) });
  await svc.enqueueMany(
    Array.from({ length: 700 }, (_, n) => ({ topic: "bulk", payload: { n, text: "ü\0😀\n".repeat(n) } })),
  );
  const later = await svc.enqueue("later", 1, { delay: "1h", tags: { env: "test" }, unique: "later", weight: -3 });
  const [done, gone, again, held] = await svc.reserve("bulk", 4);
  await done?.log("a line");
  await done?.done({ pages: 2, text: "x".repeat(10_000) });
  await gone?.cancel("not needed");
  await again?.retry({ delay: 0, error: new Error("busy") });
  await held?.progress(0.5, "half");
  const lines = await collect(jobs);

  const memory = memoryJobs();
  expect(await importJobs(memory, lines)).toMatchObject({ imported: 701, present: 0 });
  const last = await database();
  const back = levelJobs(last);
  const topics = levelTopics(last);
  const store = compose(back, topics);
  expect(await importJobs(store, exportJobs(memory))).toMatchObject({ imported: 701, present: 0 });

  expect(await collect(back)).toEqual(lines);
  const byState = (tally: Awaited<ReturnType<JobRepository["tally"]>>) =>
    tally.map(({ topic, state, count }) => `${topic} ${state} ${count}`).sort();
  expect(byState(await back.tally())).toEqual(byState(await jobs.tally()));
  for (const kind of ["checkpoint", "log"]) {
    expect(await back.notes(done?.id ?? "", kind)).toEqual(await jobs.notes(done?.id ?? "", kind));
  }
  const moved = createService({ jobs: back, topics });
  expect((await moved.reserve("bulk", 1000)).map(({ id }) => id)).toEqual(
    (await svc.reserve("bulk", 1000)).map(({ id }) => id),
  );
  const [receipt] = await moved.enqueueMany([{ topic: "later", payload: 2, options: { unique: "later" } }]);
  expect(receipt).toEqual({ id: later, duplicate: true });
});
