import {
  type Capabilities,
  type JobId,
  JobqError,
  type JobRepository,
  type JobState,
  PassingMap,
  type QueueStore,
  type Timestamp,
  type Topic,
  type TopicEntry,
  type TopicInfo,
  type TopicRepository,
} from "@jobq/core";
import { isFusable } from "./fusable-jobs.ts";
import { FusedStore } from "./fused-store.ts";
import { type Item, TopicIndex } from "./topic-index.ts";

/**
 * Topics in memory: as fast as it gets, gone with the process. For one process, browsers and edge runtimes included.
 * Fuses with jobs in memory.
 */
export function memoryTopics(): TopicRepository {
  return new MemoryTopics();
}

/** An entry, as an item that is ready or delayed for as long as it is here. */
type EntryItem = { -readonly [K in keyof Item]: Item[K] };

class MemoryTopics implements TopicRepository {
  readonly capabilities: Capabilities = { durable: false, shared: false };
  readonly #items = new PassingMap<JobId, EntryItem>();
  readonly #index = new TopicIndex<EntryItem>();
  /** In place of the entries the jobs themselves, once it is there; then only the store pushes, takes and removes. */
  #fused: FusedStore | undefined;
  #closed = false;

  fuse(jobs: JobRepository): QueueStore | undefined {
    if (!isFusable(jobs)) return undefined;
    if (!this.#fused) {
      this.#fused = new FusedStore(jobs, this);
      for (const { topic, paused } of this.#index.topics()) if (paused) this.#fused.index.pause(topic, true);
    }
    if (this.#fused.jobs !== jobs) throw new TypeError("these topics are those of other jobs already");
    return this.#fused;
  }

  async push(entries: readonly TopicEntry[]): Promise<void> {
    this.#assertOpen();
    if (this.#fused) return;
    for (const { id, topic, weight, at: runAt } of entries) {
      this.#drop(id, "done");
      const state = runAt === undefined ? "ready" : "delayed";
      const item: EntryItem = { id, topic, weight, state, runAt };
      this.#items.set(id, item);
      this.#index.moved(item, undefined);
    }
  }

  async pop(topic: Topic, limit: number): Promise<JobId[]> {
    return this.#take(limit, () => this.#index.firstReady(topic));
  }

  async popDue(now: Timestamp, limit: number): Promise<JobId[]> {
    return this.#take(limit, () => {
      const place = this.#index.firstDue();
      return place && place.at <= now ? place : undefined;
    });
  }

  async nextDueAt(): Promise<Timestamp | undefined> {
    return this.#known().firstDue()?.at;
  }

  async remove(ids: readonly JobId[]): Promise<void> {
    this.#assertOpen();
    for (const id of ids) this.#drop(id, "done");
  }

  async topics(): Promise<TopicInfo[]> {
    return this.#known().topics();
  }

  async pause(topic: Topic, paused: boolean): Promise<void> {
    this.#known().pause(topic, paused);
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  #take(limit: number, first: () => { readonly id: JobId } | undefined): JobId[] {
    this.#assertOpen();
    const ids: JobId[] = [];
    for (let place = first(); place; place = ids.length < limit ? first() : undefined) {
      ids.push(place.id);
      this.#drop(place.id, "reserved");
    }
    return ids;
  }

  /** @param to `reserved` when its turn has come */
  #drop(id: JobId, to: JobState): void {
    const item = this.#items.get(id);
    if (!item) return;
    const from = item.state;
    this.#items.delete(id);
    item.state = to;
    this.#index.moved(item, from);
  }

  #known(): Pick<TopicIndex<Item>, "firstDue" | "topics" | "pause"> {
    this.#assertOpen();
    return this.#fused?.index ?? this.#index;
  }

  #assertOpen(): void {
    if (this.#closed) throw new JobqError("CLOSED", "the store is closed");
  }
}
