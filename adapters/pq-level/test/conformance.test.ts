import { type Harness, pairSuite, topicRepositorySuite, WriteFaults } from "@jobq/conformance";
import type { JobRepository, QueueStore, TopicRepository } from "@jobq/core";
import { levelJobs } from "@jobq/job-level";
import { memoryJobs } from "@jobq/job-memory";
import { levelTopics } from "@jobq/pq-level";
import { memoryTopics } from "@jobq/pq-memory";
import { compose } from "@jobq/service";
import { ClassicLevel } from "classic-level";
import { describe, it } from "vitest";
import { FaultyLevel } from "../../job-level/test/faulty-level.ts";
import { damageHead, directory } from "./databases.ts";

const FAST = { durability: "process" } as const;

topicRepositorySuite(
  { describe, it },
  {
    name: "pq-level over a path",
    async open() {
      const { path, remove } = await directory();
      const open = () => levelTopics(path, FAST);
      return { store: open(), reopen: async () => open(), dispose: remove };
    },
  },
);

topicRepositorySuite(
  { describe, it },
  {
    name: "pq-level over a memory-level",
    async open() {
      const faults = new WriteFaults();
      return { store: levelTopics(new FaultyLevel(faults)), failAt: faults.failAt };
    },
  },
);

/** Pairs over directories that are their own. */
function onDisk(
  name: string,
  pair: (path: string) => { jobs: JobRepository; topics: TopicRepository },
): Harness<QueueStore> {
  return {
    name,
    async open() {
      const { path, remove } = await directory();
      const open = (): QueueStore => {
        const { jobs, topics } = pair(path);
        return compose(jobs, topics);
      };
      return { store: open(), reopen: async () => open(), damage: (id) => damageHead(path, id), dispose: remove };
    },
  };
}

pairSuite(
  { describe, it },
  onDisk("job-level and pq-level on one path, fused", (path) => ({
    jobs: levelJobs(path, FAST),
    topics: levelTopics(path, FAST),
  })),
);

pairSuite(
  { describe, it },
  {
    name: "job-level and pq-level on one database, fused",
    async open() {
      const { path, remove } = await directory();
      const db = new ClassicLevel(path);
      const open = (): QueueStore => compose(levelJobs(db, FAST), levelTopics(db, FAST));
      const dispose = async () => {
        await db.close();
        await remove();
      };
      return { store: open(), reopen: async () => open(), dispose };
    },
  },
);

pairSuite(
  { describe, it },
  {
    name: "job-level and pq-level on one memory-level, fused",
    async open() {
      const faults = new WriteFaults();
      const db = new FaultyLevel(faults);
      return { store: compose(levelJobs(db), levelTopics(db)), failAt: faults.failAt };
    },
  },
);

pairSuite(
  { describe, it },
  onDisk("job-level and pq-level on two databases", (path) => ({
    jobs: levelJobs(`${path}/jobs`, FAST),
    topics: levelTopics(`${path}/topics`, FAST),
  })),
);

pairSuite(
  { describe, it },
  onDisk("job-level and pq-memory", (path) => ({ jobs: levelJobs(path, FAST), topics: memoryTopics() })),
);

pairSuite(
  { describe, it },
  onDisk("job-memory and pq-level", (path) => ({ jobs: memoryJobs(), topics: levelTopics(path, FAST) })),
);
