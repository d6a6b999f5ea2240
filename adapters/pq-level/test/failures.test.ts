import { type Harness, pairCases, runCase, testJob, WriteFaults } from "@jobq/conformance";
import type { QueueStore } from "@jobq/core";
import { levelJobs } from "@jobq/job-level";
import { memoryJobs } from "@jobq/job-memory";
import { levelTopics } from "@jobq/pq-level";
import { memoryTopics } from "@jobq/pq-memory";
import { compose } from "@jobq/service";
import { describe, expect, it } from "vitest";
import { FaultyLevel } from "../../job-level/test/faulty-level.ts";

type Databases = readonly [FaultyLevel, FaultyLevel];

const pairs: readonly (readonly [string, (databases: Databases) => QueueStore])[] = [
  ["on two databases", ([jobs, topics]) => compose(levelJobs(jobs), levelTopics(topics))],
  ["jobs with topics in memory", ([db]) => compose(levelJobs(db), memoryTopics())],
  ["topics with jobs in memory", ([db]) => compose(memoryJobs(), levelTopics(db))],
];

describe.each(pairs)("level, %s", (name, pair) => {
  const harness: Harness<QueueStore> = {
    name,
    async open() {
      const faults = new WriteFaults();
      return { store: pair([new FaultyLevel(faults), new FaultyLevel(faults)]), failAt: faults.failAt };
    },
  };
  for (const one of pairCases.filter(({ needs }) => needs === "failAt")) {
    it(`${one.id} ${one.title}`, () => runCase(one, harness));
  }
});

const claim = { topic: "topic", limit: 9, by: "me" };
const NOW = 1_000;

it("a rebuild whose writes fail, each in turn, leaves what can be reserved once and is made again", async () => {
  for (let write = 1, hasFailed = true; hasFailed; write += 1) {
    const faults = new WriteFaults();
    const db = new FaultyLevel(faults);
    const [jobs, topics] = [levelJobs(db), levelTopics(db)];
    const store = compose(jobs, topics);
    await store.commit([{ now: NOW, insert: [testJob(1), testJob(2, { state: "delayed", runAt: NOW })] }]);
    await store.reserve([{ ...claim, topic: "nothing" }], NOW);
    await jobs.commit([{ now: NOW, insert: [testJob(3)] }]);
    const recover = async () => {
      for await (const _ of store.recover(1));
    };
    faults.failAt(write, write % 2 ? "lost" : "stored");
    hasFailed = await recover().then(
      () => false,
      () => true,
    );
    faults.failAt(Number.POSITIVE_INFINITY, "lost");
    const [reserved = []] = await store.reserve([claim], NOW);
    await recover();
    reserved.push(...((await store.reserve([claim], NOW))[0] ?? []));
    expect(reserved.map(({ id }) => id).sort()).toEqual([1, 3].map((number) => testJob(number).id));
    expect((await store.promote(NOW, 9)).map(({ id }) => id)).toEqual([testJob(2).id]);
    expect(await topics.topics()).toEqual([{ topic: "topic", ready: 1, delayed: 0, paused: false }]);
    expect(hasFailed || write > 4).toBe(true);
  }
});
