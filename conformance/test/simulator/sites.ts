import type { TopicRepository } from "@jobq/core";
import { levelJobs } from "@jobq/job-level";
import { memoryJobs } from "@jobq/job-memory";
import { levelTopics } from "@jobq/pq-level";
import { memoryTopics } from "@jobq/pq-memory";
import { MemoryLevel } from "memory-level";
import type { Site, Stores } from "../../src/simulator.ts";

/** Stores that every process of a site shares and that none takes along when it dies. */
export function kept(stores: Stores): Site {
  return { processes: 2, connect: () => stores };
}

/** Topics in memory that keep their own entries, whatever the jobs. */
export function memoryTopicsApart(): TopicRepository {
  return Object.assign(memoryTopics(), { fuse: undefined });
}

/** Memory in the part of a durable store; the third has topics that die with each process. */
export const sites = {
  "memory, kept": () => kept({ jobs: memoryJobs(), topics: memoryTopicsApart() }),
  "memory, fused": () => kept({ jobs: memoryJobs(), topics: memoryTopics() }),
  "memory, topics lost": () => {
    const jobs = memoryJobs();
    return { processes: 2, connect: () => ({ jobs, topics: memoryTopicsApart() }) };
  },
  "level, fused": () => {
    const db = new MemoryLevel<string, string>();
    return kept({ jobs: levelJobs(db), topics: levelTopics(db) });
  },
  "level, apart": () => kept({ jobs: levelJobs(new MemoryLevel()), topics: levelTopics(new MemoryLevel()) }),
  "level with memory topics": () => {
    const jobs = levelJobs(new MemoryLevel());
    return { processes: 2, connect: () => ({ jobs, topics: memoryTopics() }) };
  },
} satisfies Readonly<Record<string, () => Site>>;

/** So many seeds from `first` on. */
export function seedsFrom(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => first + index);
}
