export { checkSource, type Durability, isDurable, isSync, realSource } from "./arguments.ts";
export { END, keyText, textOfKey, WEIGHT_LENGTH, weightText } from "./key-text.ts";
export {
  type ChainedBatch,
  type Level,
  type LevelBatch,
  type LevelDatabase,
  type LevelIterator,
  type LevelSnapshot,
  type RangeOptions,
  type ReadOptions,
  UTF8,
} from "./level.ts";
export { LevelStore, type LevelStoreOptions } from "./level-store.ts";
export { pagesOf } from "./pages.ts";
export { isWellFormed, jsonRecord, readJson, readText, textRecord, unreadable } from "./record.ts";
export type { Opened } from "./shared-state.ts";
export { ensureVersion, type Layout, type Migration } from "./version.ts";
