import { randomBytes } from "node:crypto";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { type JobId, JobqError } from "@jobq/core";
import { levelJobs } from "@jobq/job-level";
import { levelTopics } from "@jobq/pq-level";
import { memoryTopics } from "@jobq/pq-memory";
import { createService, type JobService } from "@jobq/service";
import { ClassicLevel } from "classic-level";
import { describe, expect, it, onTestFinished } from "vitest";
import { SmallDisk, whyNoDisk } from "./crash/small-disk.ts";

const why = await whyNoDisk();
if (why !== undefined) console.log(`skipped: no small disk can be mounted here (${why})`);

const LOG_BYTES = 4 * 1024 * 1024;

/** What LevelDB cannot write first: more of its log, or the table that it makes of a log of that length. */
const DISKS = {
  "the log": { mebibytes: 4, ballast: 3, logs: 1 },
  // The log stays for as long as its table is not there.
  "a table": { mebibytes: 14, ballast: 8, logs: 2 },
} as const;

const PAIRS = {
  fused: (db: ClassicLevel) => createService({ jobs: levelJobs(db), topics: levelTopics(db) }),
  "with topics in memory": (db: ClassicLevel) => createService({ jobs: levelJobs(db), topics: memoryTopics() }),
};

const CASES = (Object.keys(DISKS) as (keyof typeof DISKS)[]).flatMap((what) =>
  (Object.keys(PAIRS) as (keyof typeof PAIRS)[]).map((pair) => ({ what, pair })),
);

/** Enqueues until the store fails: what was acknowledged, and the failure. */
async function fill(service: JobService): Promise<{ readonly ids: JobId[]; readonly failure: unknown }> {
  const ids: JobId[] = [];
  for (;;) {
    try {
      // Random, so that it cannot be compressed.
      ids.push(await service.enqueue("bulk", randomBytes(24 * 1024).toString("base64")));
    } catch (failure) {
      return { ids, failure };
    }
  }
}

async function failureOf(answer: Promise<unknown>): Promise<JobqError> {
  const failure: unknown = await answer.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(failure).toBeInstanceOf(JobqError);
  return failure as JobqError;
}

describe.skipIf(why !== undefined)("a disk that is full", () => {
  it.for(CASES)(
    "fails what cannot be stored, keeps the rest, goes on when there is space: $what, $pair",
    {
      timeout: 60_000,
    },
    async ({ what, pair }) => {
      const { mebibytes, ballast, logs } = DISKS[what];
      const disk = await SmallDisk.mount(mebibytes, ballast);
      onTestFinished(() => disk.unmount());
      const db = new ClassicLevel(join(disk.path, "store"), { writeBufferSize: LOG_BYTES });
      let service = PAIRS[pair](db);
      await service.enqueue("first", 1);
      const [held] = await service.reserve("first", 1, { lease: "1h" });

      const { ids, failure } = await fill(service);
      expect(ids.length).toBeGreaterThan(10);
      expect((await readdir(db.location)).filter((name) => name.endsWith(".log"))).toHaveLength(logs);
      expect(failure).toMatchObject({ name: "JobqError", code: "STORE_FAILED", cause: expect.any(Error) });
      expect((await failureOf(service.enqueue("bulk", "x".repeat(100_000)))).code).toBe("STORE_FAILED");

      await disk.free();
      await service.enqueue("after", 2);
      await held?.done();
      for (const id of ids) expect((await service.status(id))?.state).toBe("ready");
      await service.close();
      await db.close();

      service = PAIRS[pair](db);
      onTestFinished(async () => {
        await service.close({ deadline: 0 });
        await db.close();
      });
      expect((await service.find({ topic: "first", limit: 10 })).map(({ state }) => state)).toEqual(["done"]);
      const reserved = new Set<JobId>();
      while (reserved.size < ids.length) {
        const jobs = await service.reserve("bulk", 100, { wait: "10s" });
        expect(jobs.length).toBeGreaterThan(0);
        for (const job of jobs) reserved.add(job.id);
        await Promise.all(jobs.map((job) => job.done()));
      }
      expect(ids.filter((id) => !reserved.has(id))).toEqual([]);
      const [last] = await service.reserve("after", 10, { wait: "10s" });
      await last?.done();
      expect(await service.tally()).toEqual(expect.arrayContaining([{ topic: "after", state: "done", count: 1 }]));
    },
  );
});
