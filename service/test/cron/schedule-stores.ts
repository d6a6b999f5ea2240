import type { Clock, JobRepository, QueueStore, TopicRepository } from "@jobq/core";
import { levelJobs } from "@jobq/job-level";
import { memoryJobs } from "@jobq/job-memory";
import { levelTopics } from "@jobq/pq-level";
import { memoryTopics } from "@jobq/pq-memory";
import { compose } from "@jobq/service";
import { migrate, sqlJobs, sqlTopics } from "@jobq/sql-kysely";
import { Kysely, SqliteDialect } from "kysely";
import Database from "libsql";
import { MemoryLevel } from "memory-level";

/** Repositories that several processes share. */
export interface Stores {
  readonly jobs: JobRepository;
  readonly topics: TopicRepository;
  /** Both as one; absent where they are to be composed, by each process for itself. */
  readonly fused: QueueStore | undefined;
  close(): Promise<void>;
}

/** The pairs that schedules are tried on, by name. */
export const OPEN: Readonly<Record<string, (clock: Clock) => Promise<Stores>>> = {
  "memory, fused": async (clock) => fused(memoryJobs({ clock }), memoryTopics()),
  "memory, composed": async (clock) => apart(memoryJobs({ clock }), memoryTopics()),
  "LevelDB, fused": async (clock) => {
    const db = new MemoryLevel();
    return fused(levelJobs(db, { clock }), levelTopics(db));
  },
  "jobs in SQLite, topics in memory": async () => {
    const { kysely, close } = await sqlite();
    return apart(sqlJobs(kysely), memoryTopics(), close);
  },
  "SQLite, fused": async () => {
    const { kysely, close } = await sqlite();
    return fused(sqlJobs(kysely), sqlTopics(kysely), close);
  },
};

function fused(jobs: JobRepository, topics: TopicRepository, close?: () => Promise<void>): Stores {
  return { ...apart(jobs, topics, close), fused: compose(jobs, topics) };
}

function apart(jobs: JobRepository, topics: TopicRepository, close = async () => {}): Stores {
  return {
    ...{ jobs, topics, fused: undefined },
    close: async () => {
      await Promise.all([jobs.close(), topics.close()]);
      await close();
    },
  };
}

async function sqlite() {
  const kysely = new Kysely<unknown>({ dialect: new SqliteDialect({ database: new Database(":memory:") }) });
  await migrate(kysely);
  return { kysely, close: () => kysely.destroy() };
}
