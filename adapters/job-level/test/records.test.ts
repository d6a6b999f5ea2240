import { type Job, JobqError } from "@jobq/core";
import { levelJobs } from "@jobq/job-level";
import fc from "fast-check";
import { MemoryLevel } from "memory-level";
import { expect, test } from "vitest";
import { COUNTER_KEY, countsKey, headKey, leasesKey, noteKey, payloadKey } from "../src/layout/keys.ts";
import { headRecord, isInline, isInState, readHead } from "../src/record/head-record.ts";
import { job as anyJob, NOW } from "./histories.ts";

const KEY = headKey("live", "a");

test("a head comes back from its record, with a payload and a result that are small", () => {
  fc.assert(
    fc.property(anyJob, fc.nat(), (job, batch) => {
      const { payload, result, ...head } = job;
      const record = headRecord(job, batch);
      expect(isInState(record, job.state)).toBe(true);
      expect(readHead(KEY, job.id, record)).toEqual({
        ...head,
        payload: isInline(payload) ? payload : undefined,
        result: isInline(result) ? result : undefined,
      });
    }),
  );
});

test("a head that was cut off, or that a newer version wrote, is an error that names its record", () => {
  const record = headRecord({ ...plain("a"), payload: '{"small":"payload"}' }, 1);
  for (let length = 0; length < record.length; length++) {
    expect(() => readHead(KEY, "a", record.slice(0, length))).toThrowError(
      expect.objectContaining({ code: "STORE_FAILED", details: { key: KEY } }),
    );
  }
  expect(() => readHead(KEY, "a", `3${record.slice(1)}`)).toThrowError(JobqError);
});

const spoiled: [string, string, (jobs: ReturnType<typeof levelJobs>) => Promise<unknown>, unknown][] = [
  ["head", KEY, (jobs) => jobs.get(["a"]), [undefined]],
  ["head, found", KEY, async (jobs) => (await jobs.find({ limit: 1 })).map(({ id }) => id), ["b"]],
  [
    "head, changed",
    KEY,
    (jobs) => jobs.commit([{ now: NOW, apply: [{ type: "reserve", id: "a", by: "me" }] }]),
    [{ ok: false, code: "JOB_NOT_FOUND", id: "a" }],
  ],
  ["payload", payloadKey("a"), (jobs) => jobs.get(["a"]), [undefined]],
  ["note", noteKey("a", "log", "k"), (jobs) => jobs.notes("a", "log"), []],
  [
    "tally, of which the jobs tell",
    countsKey("x"),
    (jobs) => jobs.tally(),
    [
      { topic: "x", state: "ready", count: 1 },
      { topic: "x", state: "reserved", count: 1 },
    ],
  ],
  ["reservation, beside another", leasesKey(2), (jobs) => jobs.nextLeaseEndAt(), 1_010],
];

test.each(spoiled)("a spoiled record counts as absent, and is told of: %s", async (_, key, ask, expected) => {
  const db = await spoiledDatabase(key);
  const jobs = levelJobs(db);
  const told: unknown[] = [];
  jobs.onDamage?.(({ code, details }) => told.push([code, details.key]));
  expect(await ask(jobs)).toEqual(expected);
  expect(told).toEqual([["STORE_FAILED", key]]);
});

test("a spoiled counter of batches is a STORE_FAILED that names it: no other record tells what it was", async () => {
  const jobs = levelJobs(await spoiledDatabase(COUNTER_KEY));
  await expect(jobs.tally()).rejects.toMatchObject({ code: "STORE_FAILED", details: { key: COUNTER_KEY } });
});

async function spoiledDatabase(key: string): Promise<MemoryLevel> {
  const db = new MemoryLevel();
  const large = { ...plain("a"), payload: "large ".repeat(60) };
  const note = { id: "a", kind: "log", key: "k", value: "v", at: NOW } as const;
  await levelJobs(db).commit([{ now: NOW, insert: [large, plain("b")], note: [note] }]);
  await levelJobs(db).commit([{ now: NOW, apply: [{ type: "reserve", id: "b", by: "me" }] }]);
  await db.put(key, "garbage");
  return db;
}

function plain(id: string): Job {
  return {
    id,
    topic: "x",
    name: "x",
    weight: 0,
    createdAt: NOW,
    maxRetries: 1,
    maxLeaseLosses: 1,
    timeoutMs: 10,
    state: "ready",
    token: 0,
    attempt: 0,
    leaseLosses: 0,
    resetCount: 0,
    payload: "{}",
  };
}
