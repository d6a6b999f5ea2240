import { backoffOf, JobqError, type JobRepository } from "@jobq/core";
import { memoryJobs } from "@jobq/job-memory";
import { memoryTopics } from "@jobq/pq-memory";
import { compose, createService, type JobService } from "@jobq/service";
import { exportJobs, importJobs } from "@jobq/service/transfer";
import { expect, test } from "vitest";

function service(): JobService {
  return createService({ jobs: memoryJobs(), topics: memoryTopics() });
}

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
  expect(await importJobs(other, lines)).toEqual({ imported: 1205, present: 0, paused: 0 });
  expect(await collect(exportJobs(other))).toEqual(lines);
});

test("an import that was cut off is run again, and an export goes on after the last line", async () => {
  const jobs = await sample();
  const lines = await collect(exportJobs(jobs));
  const other = memoryJobs();
  await importJobs(other, lines.slice(0, 700));
  expect(await importJobs(other, lines)).toEqual({ imported: 505, present: 700, paused: 0 });
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

test("a pause travels with the jobs, from a service to a service", async () => {
  const [one, other] = [service(), service()];
  await one.enqueue("held", 1);
  await one.enqueue("free", 2);
  await one.pause("held");
  expect(await importJobs(other, exportJobs(one))).toEqual({ imported: 2, present: 0, paused: 1 });
  expect(await other.reserve("held")).toEqual([]);
  expect((await other.reserve("free")).map(({ payload }) => payload)).toEqual([2]);
  await expect(importJobs(memoryJobs(), exportJobs(one))).rejects.toThrow(/topics.*held/);
});

test("a job of version 1 keeps its back-off", async () => {
  const jobs = memoryJobs();
  const line = JSON.stringify({ job: { ...READY, backoffMinMs: 1000, backoffMaxMs: 2000 } });
  await importJobs(jobs, [line]);
  const [job] = await jobs.get([READY.id]);
  expect(backoffOf(job?.data)).toEqual({ minMs: 1000, maxMs: 2000 });
});

const READY = {
  id: "0190",
  topic: "topic",
  name: "topic",
  weight: 0,
  createdAt: 1,
  maxRetries: 0,
  maxLeaseLosses: 1,
  timeoutMs: 1,
  state: "ready",
  token: 0,
  attempt: 0,
  leaseLosses: 0,
  resetCount: 0,
  payload: "1",
};
const DONE = { ...READY, state: "done", finishedAt: 2 };
const HELD = { ...READY, state: "reserved", leaseUntil: 2, reservedAt: 1, reservedBy: "me", token: 1, attempt: 1 };

test.each<[string, object]>([
  ["ready", READY],
  ["done", DONE],
  ["held", HELD],
  ["waiting for a slot", { ...READY, state: "delayed", limit: { key: "k", concurrency: 1 } }],
  ["holding a slot", { ...READY, slot: 0, limit: { key: "k", concurrency: 1 } }],
])("a plain job that is %s is taken", async (_, job) => {
  const jobs = memoryJobs();
  expect(await importJobs(jobs, [JSON.stringify({ job })])).toMatchObject({ imported: 1 });
});

const note = { id: "0190", kind: "log", key: "k", value: "v", at: 1 };
const BAD: readonly (readonly [string, unknown, RegExp])[] = [
  ["a list", [], /job/],
  ["null", null, /line/],
  ["no job", {}, /job must be an object/],
  ["an empty job", { job: {} }, /job\.id/],
  ["an id and a payload alone", { job: { id: "0190", payload: "1" } }, /job\.topic/],
  ["more than a job", { job: READY, job2: READY }, /job2/],
  ["a field that there is not", { job: { ...READY, prio: 1 } }, /job\.prio/],
  ["a weight that is too much", { job: { ...READY, weight: 40_000 } }, /job\.weight.*40000/],
  ["a weight that is text", { job: { ...READY, weight: "0" } }, /job\.weight.*"0"/],
  ["a date as text", { job: { ...READY, createdAt: "2026-01-01" } }, /job\.createdAt/],
  ["an instant beyond all dates", { job: { ...READY, expiresAt: 1e16 } }, /job\.expiresAt/],
  ["more attempts than stores count", { job: { ...READY, attempt: 2 ** 31 } }, /job\.attempt.*2147483648/],
  ["a slot beyond all", { job: { ...READY, slot: 2 ** 31 } }, /job\.slot/],
  [
    "a message of progress too long",
    { job: { ...READY, progress: { value: 1, message: "x".repeat(65_537) } } },
    /message/,
  ],
  ["a topic too long", { job: { ...READY, topic: "x".repeat(256) } }, /job\.topic/],
  ["an empty name", { job: { ...READY, name: "" } }, /job\.name/],
  ["NUL in a payload", { job: { ...READY, payload: "\0" } }, /job\.payload/],
  ["a state that there is not", { job: { ...READY, state: "failed" } }, /job\.state/],
  ["tags that are no text", { job: { ...READY, tags: { a: 1 } } }, /job\.tags\.a/],
  ["no blockers in a list", { job: { ...READY, state: "delayed", blockers: [] } }, /job\.blockers/],
  ["a progress above 1", { job: { ...READY, progress: { value: 2 } } }, /job\.progress\.value/],
  ["a limit of nothing", { job: { ...READY, limit: { key: "k", concurrency: 0 } } }, /job\.limit\.concurrency/],
  ["a ready job that waits", { job: { ...READY, runAt: 5 } }, /job\.state.*waited/],
  ["a delayed job that waits for nothing", { job: { ...READY, state: "delayed" } }, /job\.state.*waited/],
  ["a reserved job without a lease", { job: { ...HELD, leaseUntil: undefined } }, /job\.state.*leaseUntil/],
  ["a reserved job of nobody", { job: { ...HELD, reservedBy: undefined } }, /job\.state.*reservedBy/],
  ["a done job that did not finish", { job: { ...DONE, finishedAt: undefined } }, /job\.state.*finishedAt/],
  ["a canceled job for no reason", { job: { ...DONE, state: "canceled" } }, /job\.state.*reason/],
  ["a result of a ready job", { job: { ...READY, result: "1" } }, /job\.state.*result/],
  ["notes of another job", { job: READY, notes: [{ ...note, id: "0191" }] }, /notes\[0\]\.id/],
  ["a note of no kind", { job: READY, notes: [{ ...note, kind: "" }] }, /notes\[0\]\.kind/],
  ["a note without an instant", { job: READY, notes: [{ ...note, at: null }] }, /notes\[0\]\.at/],
  ["a pause and a job", { job: READY, paused: "topic" }, /job/],
  ["a pause of no topic", { paused: "" }, /paused/],
];

test.each(BAD)(
  "a line with %s is refused by number and field, and nothing of it is stored",
  async (_, line, message) => {
    const jobs = memoryJobs();
    const good = JSON.stringify({ job: { ...READY, id: "0180" } });
    const failure: unknown = await importJobs(jobs, [good, "", JSON.stringify(line)]).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "PAYLOAD_INVALID", details: { line: 3 } });
    expect((failure as Error).message).toMatch(/^line 3 /);
    expect((failure as Error).message).toMatch(message);
    expect(await jobs.get(["0190"])).toEqual([undefined]);
  },
);

test("a line that is no JSON is refused", async () => {
  await expect(importJobs(memoryJobs(), ["no json"])).rejects.toMatchObject({ code: "PAYLOAD_INVALID" });
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

test("what has no jobs is refused by name", async () => {
  for (const end of [{}, null, undefined, "jobs", { jobs: {} }]) {
    await expect(collect(exportJobs(end as never))).rejects.toThrow(
      /a service, a store of compose, or a job repository/,
    );
    await expect(importJobs(end as never, [])).rejects.toThrow(TypeError);
  }
});
