import { once } from "node:events";
import { mkdir, rename, symlink } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { testJob } from "@jobq/conformance";
import type { JobRepository } from "@jobq/core";
import { levelJobs } from "@jobq/job-level";
import { levelTopics } from "@jobq/pq-level";
import { createService } from "@jobq/service";
import { ClassicLevel } from "classic-level";
import { MemoryLevel } from "memory-level";
import { expect, onTestFinished, test } from "vitest";
import { directory } from "./databases.ts";

const LOCKED = { code: "STORE_LOCKED" };
const CLASSIC_LEVEL = fileURLToPath(import.meta.resolve("classic-level"));
/** Opens a path, says so, and keeps it until the thread is ended. */
const OPEN_IN_THREAD = `
  const { parentPort, workerData: [module, path] } = require("node:worker_threads");
  const { ClassicLevel } = require(module);
  new ClassicLevel(path).open().then(() => parentPort.postMessage("open"));
  setInterval(() => {}, 2 ** 30);
`;
const FAST = { durability: "process" } as const;

/** A new directory, which is the current one until the test ends. */
async function workingDirectory(): Promise<string> {
  const { path, remove } = await directory();
  const before = process.cwd();
  process.chdir(path);
  onTestFinished(async () => {
    process.chdir(before);
    await remove();
  });
  return path;
}

const insert = (jobs: JobRepository, number: number) => jobs.commit([{ now: 0, insert: [testJob(number)] }]);

test("jobs and topics whose paths differ in spelling share their database: 300 acknowledged jobs are there again", async () => {
  await workingDirectory();
  const open = () => createService({ jobs: levelJobs("./data"), topics: levelTopics("data") });
  const service = open();
  for (let n = 0; n < 300; n++) await service.enqueue("mail", n);
  await service.close();
  const again = open();
  expect(await again.tally()).toEqual([{ topic: "mail", state: "ready", count: 300 }]);
  const jobs = await again.reserve("mail", 300);
  expect(jobs.map(({ payload }) => payload)).toEqual(Array.from({ length: 300 }, (_, n) => n));
  await Promise.all(jobs.map((job) => job.done()));
  await again.close();
});

test("whatever leads to the same directory fuses, also before it exists", async () => {
  const base = await workingDirectory();
  await mkdir("real");
  await mkdir("real/old");
  await symlink("real", "link");
  await symlink("real/old", "deep");
  const fuses = (jobs: string, topics: string) => levelTopics(topics).fuse(levelJobs(jobs)) !== undefined;
  for (const [one, other] of [
    ["data", "./data"],
    ["data", "data/"],
    ["data", "real/../data"],
    ["data", join(base, "data")],
    ["real/new", "link/new"],
    ["real/new/deeper", "link//new/./deeper/"],
    ["real/new", "deep/../new"],
    ["real/old", "deep"],
  ] as const) {
    expect([one, other, fuses(one, other)]).toEqual([one, other, true]);
  }
  expect(fuses("data", "data2")).toBe(false);
  expect(fuses("new", "deep/../new")).toBe(false);
});

test("jobs that are wrapped share the database and do not fuse, so that what wraps them sees each commit", async () => {
  await workingDirectory();
  const jobs = levelJobs("data", FAST);
  let commits = 0;
  const wrapped = new Proxy(jobs, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      if (name === "commit") commits += 1;
      return typeof member === "function" ? member.bind(target) : member;
    },
  });
  const service = createService({ jobs: wrapped, topics: levelTopics("data", FAST) });
  const before = commits;
  await service.enqueue("topic", 1);
  expect(commits).toBeGreaterThan(before);
  const held = await service.reserve("topic");
  expect(held).toHaveLength(1);
  for (const job of held) await job.done();
  await service.close();
});

test("a path is that of the directory in which it was given", async () => {
  const base = await workingDirectory();
  const jobs = levelJobs("data", FAST);
  await mkdir("elsewhere");
  process.chdir("elsewhere");
  expect(levelTopics("../data").fuse(jobs)).toBeDefined();
  expect(levelTopics("data").fuse(jobs)).toBeUndefined();
  await insert(jobs, 1);
  await jobs.close();
  const again = levelJobs(join(base, "data"), FAST);
  expect(await again.tally()).toHaveLength(1);
  await again.close();
});

test("a second service on another spelling of the path is refused, and the first one loses nothing", async () => {
  const path = await workingDirectory();
  await mkdir("data");
  await symlink("data", "link");
  const first = createService({ jobs: levelJobs("data"), topics: levelTopics("data") });
  await first.enqueue("mail", 1);
  for (const other of ["data/", "./data", "link", join(path, "data"), relative("/", join(path, "data"))]) {
    if (!other.startsWith("data")) process.chdir(other.startsWith(path.slice(1)) ? "/" : path);
    const second = createService({ jobs: levelJobs(other), topics: levelTopics(other) });
    await expect(second.enqueue("mail", 2)).rejects.toMatchObject(LOCKED);
    await second.close();
  }
  await first.enqueue("mail", 3);
  await first.close();
  process.chdir(path);
  const again = levelJobs("data");
  expect(await again.tally()).toMatchObject([{ count: 2 }]);
  await again.close();
});

test("two that open a new path at once in two spellings: one gets it, and keeps what it acknowledged", async () => {
  await workingDirectory();
  const [first, second] = [levelJobs("data", FAST), levelJobs("./data/", FAST)];
  const results = await Promise.allSettled([insert(first, 1), insert(second, 2)]);
  expect(results.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  expect(results.find(({ status }) => status === "rejected")).toMatchObject({ reason: LOCKED });
  await Promise.all([first.close(), second.close()]);
  const again = levelJobs("data", FAST);
  expect(await again.tally()).toMatchObject([{ count: 1 }]);
  await again.close();
});

test("a database object on a path that this process has open otherwise is refused, a sublevel of it too", async () => {
  await workingDirectory();
  const jobs = levelJobs("data", FAST);
  await insert(jobs, 1);
  const db = new ClassicLevel("data/");
  onTestFinished(() => db.close());
  await db.close(); // it would open itself
  await expect(levelTopics(db).topics()).rejects.toMatchObject(LOCKED);
  expect(db.status).toBe("closed");
  await insert(jobs, 2);
  await jobs.close();
  await db.open();
  const others = [levelJobs("./data", FAST), levelJobs(new ClassicLevel("./data").sublevel("jobs"))];
  for (const other of others) await expect(insert(other, 3)).rejects.toMatchObject(LOCKED);
  for (const other of others) await other.close();
});

test.runIf(process.platform === "linux" || process.platform === "darwin")(
  "a database that this process opened without a repository is found out, in another thread as well",
  async () => {
    const path = await workingDirectory();
    const db = new ClassicLevel("data");
    await db.open();
    const jobs = levelJobs("./data");
    await expect(jobs.tally()).rejects.toMatchObject(LOCKED);
    await db.close();
    expect(await jobs.tally()).toEqual([]);
    await jobs.close();

    const thread = new Worker(OPEN_IN_THREAD, { eval: true, workerData: [CLASSIC_LEVEL, `${path}/./data/`] });
    await once(thread, "message");
    for (const source of ["data", new ClassicLevel("./data")]) {
      const other = levelJobs(source);
      await expect(other.tally()).rejects.toMatchObject(LOCKED);
      await other.close();
    }
    await thread.terminate();
    const again = levelJobs("data");
    expect(await again.tally()).toEqual([]);
    await again.close();
  },
);

test("a directory that was moved while it is open is still known for what it is", async () => {
  await workingDirectory();
  const jobs = levelJobs("data", FAST);
  await insert(jobs, 1);
  await rename("data", "moved");
  const other = levelJobs("moved", FAST);
  await expect(other.tally()).rejects.toMatchObject(LOCKED);
  await rename("moved", "data");
  await jobs.close();
  await other.close();
});

test("two repositories of a kind over one database object see each other's changes, and give no job out twice", async () => {
  const db = new MemoryLevel();
  const [first, second, other] = [levelJobs(db), levelJobs(db), levelJobs(db.sublevel("other"))];
  const reserve = (id: string) => [{ now: 0, apply: [{ type: "reserve", id, by: "me" } as const] }];
  await Promise.all([insert(first, 1), insert(second, 2), insert(other, 3)]);
  const both = await Promise.all([first, second].map((jobs) => jobs.commit(reserve(testJob(1).id))));
  expect(both.map(([outcome]) => outcome?.ok).sort()).toEqual([false, true]);
  await first.close();
  await insert(second, 4);
  expect(await second.find({ state: "ready", limit: 9 })).toHaveLength(2);
  expect(await other.tally()).toMatchObject([{ count: 1 }]);
  await second.close();
  expect(await levelJobs(db).find({ state: "reserved", limit: 9 })).toMatchObject([{ id: testJob(1).id }]);
});
