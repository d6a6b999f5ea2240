import type { JobRepository, TopicRepository } from "@jobq/core";
import { levelJobs } from "@jobq/job-level";
import { levelTopics } from "@jobq/pq-level";
import { memoryTopics } from "@jobq/pq-memory";
import { ClassicLevel } from "classic-level";

/** Two repositories over a directory. */
export interface OpenPair {
  readonly jobs: JobRepository;
  readonly topics: TopicRepository;
  /** Closes the database, once the repositories are. */
  close(): Promise<void>;
}

function fused(path: string, durability: "machine" | "process"): OpenPair {
  const db = new ClassicLevel(path);
  const jobs = levelJobs(db, { durability });
  return { jobs, topics: levelTopics(db, { durability }), close: () => db.close() };
}

/** The pairs that have to survive. */
export const PAIRS = {
  "fused, fsynced": (path) => fused(path, "machine"),
  "fused, written": (path) => fused(path, "process"),
  "jobs on disk, topics in memory": (path) => ({
    jobs: levelJobs(path),
    topics: memoryTopics(),
    close: async () => {},
  }),
} satisfies Record<string, (path: string) => OpenPair>;

/** The name of one of them. */
export type PairName = keyof typeof PAIRS;
