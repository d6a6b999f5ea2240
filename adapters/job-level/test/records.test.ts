import { type Job, JobqError } from "@jobq/core";
import { levelJobs } from "@jobq/job-level";
import fc from "fast-check";
import { MemoryLevel } from "memory-level";
import { expect, test } from "vitest";
import { headRecord, isInline, isInState, readHead } from "../src/head-record.ts";
import { COUNTER_KEY, countsKey, headKey, leasesKey, noteKey, payloadKey } from "../src/keys.ts";
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

const spoiled: [string, string, (jobs: ReturnType<typeof levelJobs>) => Promise<unknown>][] = [
  ["head", KEY, (jobs) => jobs.get(["a"])],
  ["head, found", KEY, (jobs) => jobs.find({ limit: 1 })],
  ["head, changed", KEY, (jobs) => jobs.commit([{ now: NOW, apply: [{ type: "reserve", id: "a", by: "me" }] }])],
  ["payload", payloadKey("a"), (jobs) => jobs.get(["a"])],
  ["note", noteKey("a", "log", "k"), (jobs) => jobs.notes("a", "log")],
  ["tally", countsKey("x"), (jobs) => jobs.tally()],
  ["reservation", leasesKey(2), (jobs) => jobs.nextLeaseEndAt()],
  ["counter", COUNTER_KEY, (jobs) => jobs.tally()],
];

test.each(spoiled)("a spoiled record is a STORE_FAILED that names it: %s", async (_, key, ask) => {
  const db = new MemoryLevel();
  const large = { ...plain("a"), payload: "large ".repeat(60) };
  const note = { id: "a", kind: "log", key: "k", value: "v", at: NOW } as const;
  await levelJobs(db).commit([{ now: NOW, insert: [large, plain("b")], note: [note] }]);
  await levelJobs(db).commit([{ now: NOW, apply: [{ type: "reserve", id: "b", by: "me" }] }]);
  await db.put(key, "garbage");
  await expect(ask(levelJobs(db))).rejects.toMatchObject({ code: "STORE_FAILED", details: { key } });
});

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
