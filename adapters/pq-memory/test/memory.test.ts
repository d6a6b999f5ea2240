import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { TopicEntry, TopicRepository } from "@jobq/core";
import { memoryJobs } from "@jobq/job-memory";
import { memoryTopics } from "@jobq/pq-memory";
import { expect, test } from "vitest";

const COUNT = 10_000;

/** Entries under ids that nobody else refers to, in an order that is neither rising nor falling. */
function entries(round: number, at?: number): TopicEntry[] {
  return Array.from({ length: COUNT }, (_, index) => ({
    id: `${round}-${(index * 7919) % COUNT}`.padEnd(36, "-"),
    topic: `topic-${index % 50}`,
    weight: index % 7,
    ...(at !== undefined && { at: at + index }),
  }));
}

function heapMebibytes(): number {
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
  return process.memoryUsage().heapUsed / 1024 / 1024;
}

/** What is kept of ten times as many entries as there ever are at once. */
async function keptBy(round: (topics: TopicRepository, number: number) => Promise<unknown>): Promise<number> {
  const topics = memoryTopics();
  const before = heapMebibytes();
  for (let number = 0; number < 10; number++) await round(topics, number);
  const kept = heapMebibytes() - before;
  expect(await topics.topics()).toEqual([]);
  return kept;
}

test.each<[string, (topics: TopicRepository, number: number) => Promise<unknown>]>([
  [
    "popped",
    async (topics, number) => {
      await topics.push(entries(number));
      for (const { topic } of await topics.topics()) await topics.pop(topic, COUNT);
    },
  ],
  [
    "removed",
    async (topics, number) => {
      await topics.push(entries(number));
      await topics.remove(entries(number).map(({ id }) => id));
    },
  ],
  [
    "popped when due",
    async (topics, number) => {
      await topics.push(entries(number, 1000));
      await topics.popDue(Number.MAX_SAFE_INTEGER, COUNT);
    },
  ],
  [
    "moved from ready to delayed and removed",
    async (topics, number) => {
      await topics.push(entries(number));
      await topics.push(entries(number, 1000));
      await topics.remove(entries(number).map(({ id }) => id));
    },
  ],
])("a hundred thousand entries that were %s leave no memory behind", { timeout: 60_000 }, async (_, round) => {
  expect(await keptBy(round)).toBeLessThan(2);
});

test("entries that are moved all the time, at the back of others that stay, do not pile up", {
  timeout: 60_000,
}, async () => {
  const topics = memoryTopics();
  await topics.push([{ id: "0", topic: "a", weight: 0 }]);
  const before = heapMebibytes();
  for (let turn = 0; turn < 100_000; turn++) await topics.push([{ id: "1", topic: "a", weight: 0 }]);
  expect(heapMebibytes() - before).toBeLessThan(2);
  expect(await topics.pop("a", 10)).toEqual(["0", "1"]);
});

test("entries that were pushed before the topics fused are gone, however many there were; what was paused stays so", async () => {
  const topics = memoryTopics();
  await topics.push(entries(0));
  await topics.push(entries(1, 1000));
  await topics.pause("topic-7", true);
  topics.fuse?.(memoryJobs());
  expect(await topics.topics()).toEqual([{ topic: "topic-7", ready: 0, delayed: 0, paused: true }]);
  expect(await topics.nextDueAt()).toBe(undefined);
});
