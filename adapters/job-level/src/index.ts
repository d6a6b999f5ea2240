export type { CommitOptions, Follow, Following } from "./commit.ts";
export type { HeadChange } from "./commit-draft.ts";
export type { Durability } from "./level/arguments.ts";
export type {
  ChainedBatch,
  Level,
  LevelBatch,
  LevelIterator,
  LevelSnapshot,
  RangeOptions,
  ReadOptions,
} from "./level/level.ts";
export { type CommitDesk, type LevelJobRepository, type LevelJobsOptions, levelJobs } from "./level-jobs.ts";
