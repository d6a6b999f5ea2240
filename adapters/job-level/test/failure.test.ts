import { testJob, testJobs } from "@jobq/conformance";
import type { JobRepository } from "@jobq/core";
import { levelJobs } from "@jobq/job-level";
import { levelTopics } from "@jobq/pq-level";
import { MemoryLevel } from "memory-level";
import { expect, test, vi } from "vitest";

const NOW = 1_000;

async function everything(jobs: JobRepository): Promise<unknown> {
  return {
    jobs: await jobs.find({ limit: 100 }),
    tally: await jobs.tally(),
    lease: await jobs.nextLeaseEndAt(),
    reserved: await jobs.find({ state: "reserved", limit: 100 }),
  };
}

/** The next batch is refused with that error. */
function refuseOnce(db: MemoryLevel, error: Error): void {
  const batch = db.batch.bind(db) as () => ReturnType<MemoryLevel["batch"]>;
  vi.spyOn(db, "batch").mockImplementationOnce(() => {
    const chained = batch() as unknown as { write: () => Promise<void> };
    chained.write = () => Promise.reject(error);
    return chained as never;
  });
}

const coded = (message: string, code: string): Error => Object.assign(new Error(message), { code });

test("a batch that fails changes nothing in memory, and its error is the cause of a STORE_FAILED", async () => {
  const db = new MemoryLevel();
  const jobs = levelJobs(db);
  await jobs.commit([{ now: NOW, insert: testJobs(3) }]);
  const [first, second] = testJobs(2);
  const id = first?.id as string;
  await jobs.commit([{ now: NOW, apply: [{ type: "reserve", id, by: "me" }] }]);
  const before = await everything(jobs);
  const cause = new Error("no space left");
  for (const unit of [
    { now: NOW, insert: [testJob(9)] },
    { now: NOW, apply: [{ type: "done" as const, id, token: 1 }] },
    { now: NOW, apply: [{ type: "reserve" as const, id: second?.id as string, by: "me" }] },
    { now: NOW, remove: [id] },
  ]) {
    refuseOnce(db, cause);
    await expect(jobs.commit([unit])).rejects.toMatchObject({ code: "STORE_FAILED", cause });
    expect(await everything(jobs)).toEqual(before);
  }
  expect(await jobs.commit([{ now: NOW, apply: [{ type: "done", id, token: 1 }] }])).toMatchObject([{ ok: true }]);
  expect(await everything(levelJobs(db))).toEqual(await everything(jobs));
});

test("a failing commit leaves its neighbours in the queue alone", async () => {
  const db = new MemoryLevel();
  const jobs = levelJobs(db);
  await jobs.tally();
  refuseOnce(db, new Error("no space left"));
  const answers = [1, 2, 3].map((number) => jobs.commit([{ now: NOW, insert: [testJob(number)] }]));
  const results = await Promise.allSettled(answers);
  expect(results.map(({ status }) => status)).toEqual(["rejected", "fulfilled", "fulfilled"]);
  expect(await jobs.tally()).toMatchObject([{ count: 2 }]);
});

test("after a write that the disk refused the database is opened anew before anything else, for all who share it", async () => {
  const db = new MemoryLevel();
  const [jobs, others] = [levelJobs(db), levelJobs(db)];
  await jobs.commit([{ now: NOW, insert: [testJob(1)] }]);
  const happened: string[] = [];
  for (const event of ["closed", "open", "write"] as const) db.on(event, () => happened.push(event));
  refuseOnce(db, coded("torn", "LEVEL_IO_ERROR"));
  await expect(jobs.commit([{ now: NOW, insert: [testJob(2)] }])).rejects.toMatchObject({ code: "STORE_FAILED" });
  expect(happened).toEqual([]);
  await others.commit([{ now: NOW, insert: [testJob(3)] }]);
  expect(happened).toEqual(["closed", "open", "write"]);
  expect(await jobs.tally()).toMatchObject([{ count: 2 }]);
  expect(happened).toHaveLength(3);
});

test("a write that went behind one that tore the log is not acknowledged", async () => {
  const db = new MemoryLevel();
  const [jobs, topics] = [levelJobs(db), levelTopics(db)];
  await Promise.all([jobs.tally(), topics.topics()]);
  const batch = db.batch.bind(db) as () => { write: () => Promise<void> };
  vi.spyOn(db, "batch").mockImplementationOnce(() => {
    const chained = batch();
    const write = async () => {
      refuseOnce(db, coded("torn", "LEVEL_IO_ERROR"));
      await expect(topics.pause("topic", true)).rejects.toMatchObject({ code: "STORE_FAILED" });
    };
    return Object.assign(chained, { write }) as never;
  });
  await expect(jobs.commit([{ now: NOW, insert: [testJob(2)] }])).rejects.toMatchObject({ code: "STORE_FAILED" });
  expect(await jobs.commit([{ now: NOW, insert: [testJob(3)] }])).toMatchObject([{ ok: true }]);
});

test("what cannot be opened anew at once is tried again by whoever asks next", async () => {
  const db = new MemoryLevel();
  const jobs = levelJobs(db);
  await jobs.commit([{ now: NOW, insert: [testJob(1)] }]);
  refuseOnce(db, coded("torn", "LEVEL_IO_ERROR"));
  await expect(jobs.commit([{ now: NOW, insert: [testJob(2)] }])).rejects.toMatchObject({ code: "STORE_FAILED" });
  vi.spyOn(db, "open").mockRejectedValueOnce(new Error("still no space left"));
  await expect(jobs.tally()).rejects.toMatchObject({ code: "STORE_FAILED" });
  expect(await jobs.tally()).toMatchObject([{ count: 1 }]);
});
