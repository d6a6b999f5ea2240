export type { CommitDesk, Follow, Following, FusableJobs, HeadChange } from "./fusable-jobs.ts";
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
export { type LevelTopicRepository, type LevelTopicsOptions, levelTopics } from "./level-topics.ts";
