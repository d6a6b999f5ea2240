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
export type { CommitSession, Follow, Following, FusableJobs, HeadChange } from "./fusable-jobs.ts";
export { type LevelTopicRepository, type LevelTopicsOptions, levelTopics } from "./level-topics.ts";
