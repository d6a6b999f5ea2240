import { readFile } from "node:fs/promises";
import { testId, testJob } from "@jobq/conformance";
import { dataOfBackoff, type Job, type Note, type QueueStore, type Tally, type TopicInfo } from "@jobq/core";
import { levelJobs } from "@jobq/job-level";
import { levelTopics } from "@jobq/pq-level";
import { compose } from "@jobq/service";
import { MemoryLevel } from "memory-level";
import { expect, test, vi } from "vitest";
import { headKey, VERSION_KEY } from "../src/layout/keys.ts";

/** What a program of version 1 told of the store that it left. */
interface Told {
  readonly jobs: readonly (Job & Version1)[];
  readonly notes: readonly Note[];
  readonly tally: readonly Tally[];
  readonly nextLeaseEndAt: number;
  readonly topics: readonly TopicInfo[];
  readonly nextDueAt: number;
}

interface Version1 {
  readonly backoffMinMs: number;
  readonly backoffMaxMs: number;
  readonly bundle?: string;
}

const read = (name: string) => readFile(new URL(`./fixtures/${name}`, import.meta.url), "utf8");
const DUMP = (await read("version-1.jsonl"))
  .split("\n")
  .filter((line) => line !== "")
  .map((line) => JSON.parse(line) as [key: string, value: string]);
const TOLD = JSON.parse(await read("version-1-told.json")) as Told;
const JOBS = TOLD.jobs.map(({ backoffMinMs, backoffMaxMs, bundle, ...job }) => {
  return { ...job, group: bundle, data: dataOfBackoff(backoffMinMs, backoffMaxMs) };
});
const GROUP = testId(1);
const LATER = 1_000_000;

/** A database that holds what version 1 left, and these records. */
async function left(more: readonly (readonly [string, string])[] = []): Promise<MemoryLevel> {
  const db = new MemoryLevel();
  await db.batch([...DUMP, ...more].map(([key, value]) => ({ type: "put", key, value })));
  return db;
}

const open = (db: MemoryLevel): QueueStore => compose(levelJobs(db), levelTopics(db));
const idsOf = (jobs: readonly { readonly id: string }[]): string[] => jobs.map(({ id }) => id);
const sorted = (some: readonly object[]) => some.map((one) => JSON.stringify(one)).sort();
const heads = (jobs: readonly Job[]) => jobs.map(({ payload, result, ...head }) => head);

test("all that version 1 stored is there: jobs, notes, counts, leases, entries and pauses", async () => {
  const { jobs, topics } = open(await left());
  expect(await jobs.get(idsOf(JOBS))).toEqual(JOBS);
  expect(await jobs.find({ limit: 100 })).toEqual(heads(JOBS));
  const notes: Note[] = [];
  for (const { id } of JOBS) notes.push(...(await jobs.notes(id)));
  expect(notes).toEqual(TOLD.notes);
  expect(sorted(await jobs.tally())).toEqual(sorted(TOLD.tally));
  expect(await jobs.nextLeaseEndAt()).toBe(TOLD.nextLeaseEndAt);
  expect(sorted(await topics.topics())).toEqual(sorted(TOLD.topics));
  expect(await topics.nextDueAt()).toBe(TOLD.nextDueAt);
});

test("what is new is asked of jobs of version 1 as of others: groups, unique keys, the newest first", async () => {
  const { jobs } = open(await left());
  for (const group of new Set(JOBS.map((job) => job.group))) {
    if (group === undefined) continue;
    const members = JOBS.filter((job) => job.group === group);
    const live = members.filter(({ state }) => state !== "done" && state !== "canceled");
    expect(await jobs.find({ group, limit: 100 })).toEqual(heads(members));
    expect(await jobs.find({ group, live: true, limit: 100 })).toEqual(heads(live));
    expect((await jobs.tally(group)).reduce((sum, { count }) => sum + count, 0)).toBe(members.length);
  }
  expect(idsOf(await jobs.find({ unique: "key", limit: 1 }))).toEqual([testId(4)]);
  expect(await jobs.find({ order: "newest", limit: 100 })).toEqual(heads([...JOBS].reverse()));
  expect(await jobs.find({ owes: true, limit: 1 })).toEqual([]);
});

test("a store of version 1 is worked on to its end, and its records become those of version 2 on the way", async () => {
  const db = await left();
  const store = open(db);
  const { jobs, topics } = store;
  await store.expire(LATER, 100);
  await store.promote(LATER, 100);
  await topics.pause("ends", false);
  for (const { topic } of TOLD.topics) {
    const [claimed = []] = await store.reserve([{ topic, limit: 100, by: "me" }], LATER);
    const places = claimed.map(({ weight, id }) => `${weight + 32_768}`.padStart(5, "0") + id);
    expect(places).toEqual([...places].sort());
    await store.commit(
      claimed.map(({ id, token }) => ({
        now: LATER,
        apply: [
          { type: "done", id, token },
          { type: "unblock", id: testId(8), by: id },
        ],
      })),
    );
  }
  expect(await jobs.find({ state: "ready", limit: 100 })).toMatchObject([{ id: testId(8) }]);
  expect(await jobs.find({ group: GROUP, live: true, limit: 1 })).toEqual([]);
  const done = await jobs.find({ state: "done", limit: 100 });
  const untouched = new Set(JOBS.filter(({ state }) => state === "done").map(({ id }) => id));
  for (const { id } of done) {
    expect((await db.get(headKey("done", id)))?.[0]).toBe(untouched.has(id) ? "1" : "2");
  }
  await store.commit([{ now: LATER, remove: idsOf(JOBS) }]);
  const kept = (await db.keys().all()).filter((key) => !key.includes("!") && !key.startsWith("jobq:tc"));
  expect(kept).toEqual([]);
});

test("a migration that dies at any write goes on from there, and ends as one that did not", async () => {
  const more = manyMembers(1_200);
  const whole = await left(more);
  await levelJobs(whole).tally();
  const expected = await whole.iterator().all();
  expect(await whole.get(VERSION_KEY)).toBe("2");
  expect(expected.some(([key]) => key.startsWith("jobq:jb"))).toBe(false);
  for (let writes = 0; ; writes++) {
    const db = await left(more);
    const dead = levelJobs(db);
    const isOver = await dieAfter(db, writes, () => dead.tally());
    await dead.close();
    if (writes > 0) expect(await db.get(VERSION_KEY)).toBe("2"); // which version 1 refuses
    expect(await open(db).jobs.find({ group: GROUP, live: true, limit: 2_000 })).toHaveLength(1_203);
    expect(await db.iterator().all()).toEqual(expected);
    if (isOver) break;
    expect(writes).toBeLessThan(10);
  }
});

/** Live members of the group as version 1 stored them. */
function manyMembers(count: number): [string, string][] {
  const record = DUMP.find(([key]) => key === headKey("live", testId(20)))?.[1] as string;
  const members = Array.from({ length: count }, (_, i) => testJob(1_000 + i).id).flatMap((id): [string, string][] => [
    [headKey("live", id), record],
    [`jobq:jb${GROUP}\0${id}`, "10"],
  ]);
  return [...members, ["jobq:jtbundle", `1[1,${count + 1},1,3,1]`]];
}

/** Does the work, of which all batches but the first so many are refused; says whether there were no more of them. */
async function dieAfter(db: MemoryLevel, writes: number, work: () => Promise<unknown>): Promise<boolean> {
  const batch = db.batch.bind(db) as () => { write: () => Promise<void> };
  let made = 0;
  const spy = vi.spyOn(db, "batch").mockImplementation((() => {
    const chained = batch();
    return made++ < writes ? chained : Object.assign(chained, { write: () => Promise.reject(new Error("died")) });
  }) as never);
  const isOver = await work().then(
    () => true,
    () => false,
  );
  spy.mockRestore();
  return isOver;
}
