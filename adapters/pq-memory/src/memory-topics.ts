import {
  type Capabilities,
  compareEntries,
  type JobId,
  JobqError,
  type Timestamp,
  type Topic,
  type TopicEntry,
  type TopicInfo,
  type TopicRepository,
} from "@jobq/core";
import { type Place, PlaceQueue } from "./place-queue.ts";
import { ReadyQueue } from "./ready-queue.ts";

/** Topics in heaps: as fast as it gets, gone with the process. For one process, browsers and edge runtimes included. */
export function memoryTopics(): TopicRepository {
  return new MemoryTopics();
}

/** The ready entries of one topic and what else is known of it. */
interface TopicQueue {
  readonly places: ReadyQueue;
  ready: number;
  delayed: number;
  paused: boolean;
}

class MemoryTopics implements TopicRepository {
  readonly capabilities: Capabilities = { durable: false, shared: false };
  readonly #places = new Map<JobId, Place>();
  readonly #topics = new Map<Topic, TopicQueue>();
  readonly #due = new PlaceQueue((a, b) => ((a.at as number) - (b.at as number) || compareEntries(a, b)) < 0);
  #closed = false;

  async push(entries: readonly TopicEntry[]): Promise<void> {
    this.#assertOpen();
    for (const entry of entries) {
      this.#remove(entry.id);
      const queue = this.#topic(entry.topic);
      const place = { ...entry, removed: false };
      if (entry.at === undefined) {
        queue.places.push(place);
        queue.ready++;
      } else {
        this.#due.push(place);
        queue.delayed++;
      }
      this.#places.set(entry.id, place);
    }
  }

  async pop(topic: Topic, limit: number): Promise<JobId[]> {
    this.#assertOpen();
    const queue = this.#topics.get(topic);
    if (!queue || queue.paused) return [];
    return this.#take(queue.places, limit, () => true);
  }

  async popDue(now: Timestamp, limit: number): Promise<JobId[]> {
    this.#assertOpen();
    return this.#take(this.#due, limit, (entry) => (entry.at as number) <= now);
  }

  async nextDueAt(): Promise<Timestamp | undefined> {
    this.#assertOpen();
    return this.#due.peek()?.at;
  }

  async remove(ids: readonly JobId[]): Promise<void> {
    this.#assertOpen();
    for (const id of ids) this.#remove(id);
  }

  async topics(): Promise<TopicInfo[]> {
    this.#assertOpen();
    return [...this.#topics].map(([topic, { places, ...info }]) => ({ topic, ...info }));
  }

  async pause(topic: Topic, paused: boolean): Promise<void> {
    this.#assertOpen();
    this.#topic(topic).paused = paused;
    this.#freeIfEmpty(topic);
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  #take(queue: ReadyQueue | PlaceQueue, limit: number, wanted: (place: Place) => boolean): JobId[] {
    const ids: JobId[] = [];
    while (ids.length < limit) {
      const place = queue.peek();
      if (!place || !wanted(place)) break;
      ids.push(place.id);
      this.#drop(place);
    }
    return ids;
  }

  #topic(topic: Topic): TopicQueue {
    let queue = this.#topics.get(topic);
    if (!queue) {
      queue = { places: new ReadyQueue(), ready: 0, delayed: 0, paused: false };
      this.#topics.set(topic, queue);
    }
    return queue;
  }

  #remove(id: JobId): void {
    const place = this.#places.get(id);
    if (place) this.#drop(place);
  }

  #drop(place: Place): void {
    const { id, topic, at } = place;
    const queue = this.#topic(topic);
    this.#places.delete(id);
    if (at === undefined) {
      queue.places.remove(place);
      queue.ready--;
    } else {
      this.#due.remove(place);
      queue.delayed--;
    }
    this.#freeIfEmpty(topic);
  }

  #freeIfEmpty(topic: Topic): void {
    const queue = this.#topics.get(topic);
    if (queue && queue.ready + queue.delayed === 0 && !queue.paused) this.#topics.delete(topic);
  }

  #assertOpen(): void {
    if (this.#closed) throw new JobqError("CLOSED", "the store is closed");
  }
}
