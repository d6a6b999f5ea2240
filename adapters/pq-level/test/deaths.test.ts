import { type CrashHarness, crashSuite, WriteFaults } from "@jobq/conformance";
import { levelJobs } from "@jobq/job-level";
import { levelTopics } from "@jobq/pq-level";
import { memoryTopics } from "@jobq/pq-memory";
import { compose } from "@jobq/service";
import type { MemoryLevel } from "memory-level";
import { describe, it } from "vitest";
import { FaultyLevel } from "../../job-level/test/faulty-level.ts";

type Db = MemoryLevel<string, string>;

function mortal(name: string, pair: (first: Db, second: Db) => ReturnType<typeof compose>): CrashHarness {
  return {
    name,
    async open() {
      const faults = new WriteFaults();
      const [first, second] = [new FaultyLevel(faults), new FaultyLevel(faults)];
      return {
        store: pair(first, second),
        dieAt: faults.dieAt,
        reopen: async () => pair(await first.outlived(), await second.outlived()),
      };
    },
  };
}

const pairs = [
  mortal("level, fused", (db) => compose(levelJobs(db), levelTopics(db))),
  mortal("level, apart", (first, second) => compose(levelJobs(first), levelTopics(second))),
  mortal("level with memory topics", (db) => compose(levelJobs(db), memoryTopics())),
];

for (const pair of pairs) crashSuite({ describe, it }, pair);
