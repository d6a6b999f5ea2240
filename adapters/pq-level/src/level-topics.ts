import {
  type Capabilities,
  checkEntries,
  checkOptions,
  type JobId,
  type JobRepository,
  type QueueStore,
  type Timestamp,
  type Topic,
  type TopicEntry,
  type TopicInfo,
  type TopicRepository,
} from "@jobq/core";
import {
  checkSource,
  type Durability,
  ensureVersion,
  isDurable,
  isSync,
  type Level,
  type LevelDatabase,
  LevelStore,
  type Opened,
  realSource,
} from "@jobq/level";
import { keepEntryKeys, readEntryKeys, writeEntryKey } from "./entry-keys.ts";
import { isFusable } from "./fusable-jobs.ts";
import { FusedStore } from "./fused-store.ts";
import { entryKey, idOf, LAYOUT, topicOfEntry } from "./keys.ts";
import { TopicIndex } from "./topic-index.ts";

/** The options of {@link levelTopics}. */
export interface LevelTopicsOptions {
  /** What an acknowledged write survives: a crash of the `machine`, the default, or only that of the `process`. */
  readonly durability?: Durability | undefined;
}

/** A topic repository in a LevelDB. */
export interface LevelTopicRepository extends TopicRepository {
  fuse(jobs: JobRepository): QueueStore | undefined;
}

/**
 * Creates a topic repository in a LevelDB: durable, for one process. For a path, it opens the database itself, with the
 * package classic-level. It fuses with a job repository over the same path or database.
 * @throws {TypeError} neither a path nor an abstract-level database, or an unknown option
 */
export function levelTopics(pathOrDb: string | LevelDatabase, options: LevelTopicsOptions = {}): LevelTopicRepository {
  checkOptions(options, { durability: true });
  return new LevelTopics(pathOrDb, options);
}

/** The entry of an id, by key, that comes, goes or moves. */
interface Move {
  readonly id: JobId;
  readonly from: string | undefined;
  readonly to: string | undefined;
}

class LevelTopics implements LevelTopicRepository {
  readonly capabilities: Capabilities;
  readonly #source: string | Level;
  readonly #store: LevelStore<TopicIndex>;

  constructor(source: string | LevelDatabase, { durability = "machine" }: LevelTopicsOptions) {
    checkSource("levelTopics", source);
    const sync = isSync("levelTopics", durability);
    const load = async (level: Level): Promise<TopicIndex> => {
      await ensureVersion(level, LAYOUT, sync);
      return TopicIndex.load(level);
    };
    this.#source = realSource(source);
    this.#store = new LevelStore(this.#source, { name: "topic repository", sync, load });
    this.capabilities = { durable: isDurable(source), shared: false };
  }

  async push(entries: readonly TopicEntry[]): Promise<void> {
    checkEntries(entries);
    const keys = new Map(entries.map((entry) => [entry.id, entryKey(entry)]));
    return this.#store.exclusive(async (opened) => {
      await keepEntryKeys(this.#store, opened);
      const ids = [...keys.keys()];
      const kept = await readEntryKeys(opened.level, ids);
      const moves = ids.map((id, i) => ({ id, from: kept[i], to: keys.get(id) }));
      await this.#move(opened, moves);
    });
  }

  pop(topic: Topic, limit: number): Promise<JobId[]> {
    return this.#take((index) => index.first(topic, limit));
  }

  popDue(now: Timestamp, limit: number): Promise<JobId[]> {
    return this.#take((index) => index.firstDue(now, limit));
  }

  nextDueAt(): Promise<Timestamp | undefined> {
    return this.#store.exclusive(({ state }) => state.nextDueAt());
  }

  remove(ids: readonly JobId[]): Promise<void> {
    const gone = [...new Set(ids)];
    return this.#store.exclusive(async (opened) => {
      await keepEntryKeys(this.#store, opened);
      const kept = await readEntryKeys(opened.level, gone);
      const moves = gone.map((id, i) => ({ id, from: kept[i], to: undefined }));
      await this.#move(opened, moves);
    });
  }

  topics(): Promise<TopicInfo[]> {
    return this.#store.exclusive(async ({ state }) => state.topics());
  }

  pause(topic: Topic, paused: boolean): Promise<void> {
    return this.#store.exclusive(async (opened) => {
      const change = opened.state.beginChange();
      change.pause(topic, paused);
      await this.#store.write(opened, (batch) => change.write(batch));
      opened.state.adopt(change);
    });
  }

  close(): Promise<void> {
    return this.#store.close();
  }

  fuse(jobs: JobRepository): QueueStore | undefined {
    if (!isFusable(jobs) || jobs.source !== this.#source) return undefined;
    if (typeof this.#source === "string") this.#store.borrow(() => jobs.database());
    return jobs.repository === jobs ? new FusedStore(jobs, this, this.#store) : undefined;
  }

  #take(find: (index: TopicIndex) => Promise<string[]>): Promise<JobId[]> {
    return this.#store.exclusive(async (opened) => {
      const keys = await find(opened.state);
      if (keys.length === 0) return [];
      await keepEntryKeys(this.#store, opened);
      const moves = keys.map((from) => ({ id: idOf(from), from, to: undefined }));
      await this.#move(opened, moves);
      return moves.map(({ id }) => id);
    });
  }

  async #move(opened: Opened<TopicIndex>, moves: readonly Move[]): Promise<void> {
    const change = opened.state.beginChange();
    const changed = moves.filter(({ from, to }) => from !== to);
    for (const { from, to } of changed) {
      if (from !== undefined) change.remove(topicOfEntry(from), from);
      if (to !== undefined) change.add(topicOfEntry(to), to);
    }
    await this.#store.write(opened, (batch) => {
      change.write(batch);
      for (const { id, to } of changed) writeEntryKey(batch, id, to);
    });
    opened.state.adopt(change);
  }
}
