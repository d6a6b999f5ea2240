export type {
  ChainedBatch,
  Durability,
  Level,
  LevelBatch,
  LevelDatabase,
  LevelIterator,
  LevelSnapshot,
  RangeOptions,
  ReadOptions,
} from "@jobq/level";
export type { CommitOptions, Follow, Following } from "./commit/commit.ts";
export { type CommitSession, type LevelJobRepository, type LevelJobsOptions, levelJobs } from "./level-jobs.ts";
export type { HeadChange } from "./memory/head-change.ts";
