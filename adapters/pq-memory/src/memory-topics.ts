import {
  type Capabilities,
  checkEntries,
  type JobId,
  JobqError,
  type JobRepository,
  type QueueStore,
  SortedList,
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
 * Creates a topic repository in memory, for one process, also in browsers and edge runtimes. Its entries are lost when
 * the process ends. It fuses with jobs in memory.
 */
export function memoryTopics(): TopicRepository {
  return new MemoryTopics();
}

/** An entry, as an item that is ready or delayed for as long as it is here. */
type EntryItem = { -readonly [K in keyof Item]: Item[K] };

class MemoryTopics implements TopicRepository {
  readonly capabilities: Capabilities = { durable: false, shared: false };
  readonly #items = new SortedList<Pick<Item, "id">, EntryItem>((a, b) => a.id < b.id);
  readonly #index = new TopicIndex();
  /** Once it is there, the index has the jobs themselves, and only the store pushes, takes and removes. */
  #fused: FusedStore | undefined;
  #closed = false;

  fuse(jobs: JobRepository): QueueStore | undefined {
    if (!isFusable(jobs)) return undefined;
    if (!this.#fused) {
      for (const { id } of [...this.#items.from()]) this.#drop(id);
      this.#fused = new FusedStore(jobs, this, this.#index);
    }
    if (this.#fused.jobs !== jobs) throw new TypeError("these topics are those of other jobs already");
    return this.#fused;
  }

  async push(entries: readonly TopicEntry[]): Promise<void> {
    this.#assertOpen();
    checkEntries(entries);
    if (this.#fused) return;
    for (const { id, topic, weight, at: runAt } of entries) {
      this.#drop(id);
      const state = runAt === undefined ? "ready" : "delayed";
      const item: EntryItem = { id, topic, weight, state, runAt };
      this.#items.add(item);
      this.#index.moved(item, undefined, undefined);
    }
  }

  async pop(topic: Topic, limit: number): Promise<JobId[]> {
    return this.#take(limit, () => this.#index.firstReady(topic));
  }

  async popDue(now: Timestamp, limit: number): Promise<JobId[]> {
    return this.#take(limit, () => this.#index.firstDue(now));
  }

  async nextDueAt(): Promise<Timestamp | undefined> {
    this.#assertOpen();
    return this.#index.nextDueAt();
  }

  async remove(ids: readonly JobId[]): Promise<void> {
    this.#assertOpen();
    for (const id of ids) this.#drop(id);
  }

  async topics(): Promise<TopicInfo[]> {
    this.#assertOpen();
    return this.#index.topics();
  }

  async pause(topic: Topic, paused: boolean): Promise<void> {
    this.#assertOpen();
    this.#index.pause(topic, paused);
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  #take(limit: number, first: () => Item | undefined): JobId[] {
    this.#assertOpen();
    const ids: JobId[] = [];
    for (let item = this.#fused ? undefined : first(); item; item = ids.length < limit ? first() : undefined) {
      ids.push(item.id);
      this.#drop(item.id);
    }
    return ids;
  }

  #drop(id: JobId): void {
    const item = this.#items.delete({ id });
    if (!item) return;
    const { state, runAt } = item;
    item.state = "done";
    this.#index.moved(item, state, runAt);
  }

  #assertOpen(): void {
    if (this.#closed) throw new JobqError("CLOSED", "the store is closed");
  }
}
