import { testJob, testJobs } from "@jobq/conformance";
import type { QueueStore } from "@jobq/core";
import { type LevelJobRepository, levelJobs } from "@jobq/job-level";
import { memoryJobs } from "@jobq/job-memory";
import type { ChainedBatch } from "@jobq/level";
import { type FusableJobs, levelTopics } from "@jobq/pq-level";
import { ClassicLevel } from "classic-level";
import { MemoryLevel } from "memory-level";
import { expect, expectTypeOf, onTestFinished, test, vi } from "vitest";
import { directory } from "./databases.ts";

const NOW = 1_000;

async function place(): Promise<string> {
  const { path, remove } = await directory();
  onTestFinished(remove);
  return path;
}

function fuse(source: string | ClassicLevel | MemoryLevel): QueueStore {
  return levelTopics(source as MemoryLevel).fuse(levelJobs(source as MemoryLevel)) as QueueStore;
}

const claim = (limit: number) => [{ topic: "topic", limit, by: "me" }];

test("level jobs are what the topics can be fused with", () => {
  expectTypeOf<LevelJobRepository>().toExtend<FusableJobs>();
});

test("topics fuse with jobs of the same path or database, and with no others", async () => {
  const [path, db] = [await place(), new MemoryLevel()];
  expect(levelTopics(path).fuse(levelJobs(path))).toBeDefined();
  expect(levelTopics(db).fuse(levelJobs(db))).toBeDefined();
  expect(levelTopics(path).fuse(levelJobs(`${path}/other`))).toBeUndefined();
  expect(levelTopics(db).fuse(levelJobs(new MemoryLevel()))).toBeUndefined();
  expect(levelTopics(db).fuse(memoryJobs())).toBeUndefined();
});

test("what somebody asked for waits for the disk; what a claim or the time brings does not", async () => {
  const db = new MemoryLevel();
  const store = fuse(db);
  await store.reserve(claim(1), NOW); // opens, and says who keeps the entries
  const synced: boolean[] = [];
  const batch = db.batch.bind(db) as () => ChainedBatch;
  vi.spyOn(db, "batch").mockImplementation((() => {
    const chained = batch();
    const write = chained.write.bind(chained);
    chained.write = (options) => {
      synced.push(options.sync);
      return write(options);
    };
    return chained;
  }) as never);
  const isSynced = async (work: () => Promise<unknown>): Promise<boolean | undefined> => {
    await work();
    return synced.splice(0).at(0);
  };
  const delayed = testJob(9, { state: "delayed", runAt: NOW });
  const held = { id: testJob(1).id, token: 1 };
  const later = NOW + 60_000;
  const log = { id: held.id, kind: "log", key: "1", value: "line", at: NOW } as const;
  const steps: [boolean, () => Promise<unknown>][] = [
    [true, () => store.commit([{ now: NOW, insert: [testJob(1), testJob(2), delayed] }])],
    [false, () => store.promote(NOW, 100)],
    [false, () => store.reserve(claim(2), NOW)],
    [false, () => store.commit([{ now: NOW, apply: [{ type: "extend", ...held, until: later }] }])],
    [true, () => store.commit([{ now: NOW, apply: [{ type: "extend", ...held }], note: [log] }])],
    [true, () => store.commit([{ now: NOW, apply: [{ type: "done", ...held }] }])],
    [false, () => store.expire(later, 100)],
    [true, () => store.commit([{ now: NOW, remove: [held.id] }])],
  ];
  for (const [expected, step] of steps) expect(await isSynced(step)).toBe(expected);
});

test("each step is one batch", async () => {
  const db = new MemoryLevel();
  const store = fuse(db);
  await store.reserve(claim(1), NOW); // opens, and says who keeps the entries
  let batches = 0;
  db.on("write", () => {
    batches++;
  });
  const once = async (work: () => Promise<unknown>) => {
    batches = 0;
    await work();
    expect(batches).toBe(1);
  };
  const delayed = testJobs(9, 100, { state: "delayed", runAt: NOW });
  await once(() => store.commit([...testJobs(50), ...delayed].map((job) => ({ now: NOW, insert: [job] }))));
  await once(() => store.promote(NOW, 100));
  await once(() => store.reserve([...claim(20), ...claim(20)], NOW));
  await once(() => store.expire(NOW + 30_000, 10));
  const held = await store.jobs.find({ state: "reserved", limit: 100 });
  expect(held).toHaveLength(30);
  await once(() => store.commit(held.map(({ id, token }) => ({ now: NOW, apply: [{ type: "done", id, token }] }))));
});

test("a step that fails changes neither jobs nor topics, in memory as on disk", async () => {
  const db = new MemoryLevel();
  const store = fuse(db);
  await store.commit([{ now: NOW, insert: [...testJobs(5), testJob(6, { state: "delayed", runAt: NOW })] }]);
  await store.reserve(claim(1), NOW);
  const everything = async ({ jobs, topics }: QueueStore) => [
    await jobs.find({ limit: 10 }),
    await jobs.tally(),
    await topics.topics(),
    await topics.nextDueAt(),
  ];
  const before = await everything(store);
  const batch = db.batch.bind(db) as () => { write: () => Promise<void> };
  const fails = async (work: () => Promise<unknown>) => {
    vi.spyOn(db, "batch").mockImplementationOnce(() => {
      return Object.assign(batch(), { write: () => Promise.reject(new Error("full")) }) as never;
    });
    await expect(work()).rejects.toMatchObject({ code: "STORE_FAILED" });
    expect(await everything(store)).toEqual(before);
  };
  await fails(() => store.commit([{ now: NOW, insert: [testJob(7)] }]));
  await fails(() => store.reserve(claim(3), NOW));
  await fails(() => store.promote(NOW, 3));
  await fails(() => store.expire(NOW + 30_000, 3));
  expect(await everything(fuse(db))).toEqual(before);
  expect((await store.reserve(claim(9), NOW))[0]).toHaveLength(4);
});

test("a store filled with jobs alone is fused by a recovery, which later has nothing to do", async () => {
  const path = await place();
  const alone = levelJobs(path, { durability: "process" });
  await alone.commit([{ now: NOW, insert: testJobs(25) }]);
  await alone.close();
  for (const [pages, got] of [
    [[10, 10, 5, 0], 20],
    [[], 5],
  ]) {
    const store = fuse(path);
    const found: number[] = [];
    for await (const count of store.recover(10)) found.push(count);
    expect(found).toEqual(pages);
    expect((await store.reserve(claim(20), NOW))[0]).toHaveLength(got as number);
    await store.topics.close();
    await store.jobs.close();
  }
});

test("topics of a path close with the jobs that opened it, and then say so", async () => {
  const store = fuse(await place());
  await store.commit([{ now: NOW, insert: testJobs(1) }]);
  await store.jobs.close();
  await expect(store.topics.topics()).rejects.toMatchObject({ code: "CLOSED" });
  await store.topics.close();
});

test("a backlog of 50,000 is held on disk: and jobs come out in order", {
  timeout: 60_000,
}, async () => {
  const db = new ClassicLevel(await place());
  onTestFinished(() => db.close());
  const store = fuse(db);
  const count = 50_000;
  for (let at = 0; at < count; at += 5_000) {
    const jobs = testJobs(5_000, at + 1, { payload: "x".repeat(500) });
    await store.commit([{ now: NOW, insert: jobs.map((job, i) => ({ ...job, weight: i % 3 })) }]);
  }
  let last = "";
  let taken = 0;
  while (taken < count) {
    const [jobs = []] = await store.reserve(claim(1_000), NOW);
    for (const { weight, id } of jobs) {
      const place = `${weight} ${id}`;
      expect(place > last).toBe(true);
      last = place;
    }
    taken += jobs.length;
    await store.commit(jobs.map(({ id, token }) => ({ now: NOW, apply: [{ type: "done", id, token }] })));
    if (jobs.length === 0) break;
  }
  expect(taken).toBe(count);
  expect(await store.topics.topics()).toEqual([]);
});
