import type { Timestamp, Topic, TopicInfo } from "@jobq/core";
import { type Level, pagesOf, readText, UTF8 } from "@jobq/level";
import { IndexChange } from "./index-change.ts";
import { type IndexMode, readMode } from "./index-mode.ts";
import { ALL_DUE, ALL_TOPICS, DUE_FLOOR_KEY, instantOf } from "./keys.ts";
import { isTraceless, readQueue, type TopicQueue } from "./topic-queue.ts";
import { Window } from "./window.ts";

/** How many keys the windows of all topics hold together; beyond that, topics that were not asked for lately let go. */
const MAX_KEYS = 50_000;

/**
 * The entries of a topic store: on disk all of them, in memory the counts of each topic and the first keys of those
 * that are asked for. Memory changes when a batch has been written, never before.
 */
export class TopicIndex {
  mode: IndexMode | undefined;
  readonly #level: Level;
  readonly #queues: Map<Topic, TopicQueue>;
  readonly #due: Window;
  #delayed: number;
  /** The topics whose windows hold keys, the one asked for last at the end. */
  readonly #held = new Map<Topic, number>();
  #keys = 0;

  private constructor(level: Level, queues: Map<Topic, TopicQueue>, dueFloor: string, mode: IndexMode | undefined) {
    this.#level = level;
    this.#queues = queues;
    this.#delayed = 0;
    for (const { info } of queues.values()) this.#delayed += info.delayed;
    this.#due = this.#delayed > 0 ? new Window(ALL_DUE, dueFloor) : new Window(ALL_DUE);
    this.mode = mode;
  }

  static async load(level: Level): Promise<TopicIndex> {
    const queues = new Map<Topic, TopicQueue>();
    for await (const page of pagesOf(level.iterator({ ...ALL_TOPICS, ...UTF8 }))) {
      for (const [key, record] of page) {
        const queue = readQueue(key, record);
        queues.set(queue.info.topic, queue);
      }
    }
    const [floor] = await level.getMany([DUE_FLOOR_KEY], UTF8);
    const dueFloor = floor === undefined ? ALL_DUE.gte : readText(DUE_FLOOR_KEY, floor);
    return new TopicIndex(level, queues, dueFloor, await readMode(level));
  }

  topics(): TopicInfo[] {
    return Array.from(this.#queues.values(), ({ info }) => ({ ...info }));
  }

  /** The first ready entries of a topic, by key; none while it is paused. */
  async first(topic: Topic, count: number): Promise<string[]> {
    const queue = this.#queues.get(topic);
    if (!queue || queue.info.paused || queue.info.ready === 0) return [];
    await queue.window.fill(this.#level, count);
    this.#hold(topic, queue.window.size);
    return queue.window.first(count);
  }

  /** The first delayed entries whose instant has come, by key. */
  async firstDue(now: Timestamp, count: number): Promise<string[]> {
    await this.#due.fill(this.#level, count);
    const keys = this.#due.first(count);
    const end = keys.findIndex((key) => instantOf(key) > now);
    return end < 0 ? keys : keys.slice(0, end);
  }

  /** The earliest instant of a delayed entry. */
  async nextDueAt(): Promise<Timestamp | undefined> {
    await this.#due.fill(this.#level, 1);
    const [key] = this.#due.first(1);
    return key === undefined ? undefined : instantOf(key);
  }

  /** Begins a change, which `adopt` makes true here once it has been written. */
  beginChange(): IndexChange {
    return new IndexChange(this.#queues, this.#due);
  }

  /** The change has been written. */
  adopt(change: IndexChange): void {
    for (const [topic, { queue, info, moves }] of change.queues) {
      this.#delayed += info.delayed - queue.info.delayed;
      queue.window.adopt(moves);
      queue.info = info;
      if (isTraceless(info)) this.#queues.delete(topic);
      else this.#queues.set(topic, queue);
      if (info.ready === 0) queue.window.restart();
      this.#hold(topic, queue.window.size);
    }
    this.#due.adopt(change.due);
    if (this.#delayed === 0) this.#due.restart();
    this.#letGo();
  }

  #hold(topic: Topic, keys: number): void {
    this.#keys += keys - (this.#held.get(topic) ?? 0);
    this.#held.delete(topic);
    if (keys > 0) this.#held.set(topic, keys);
  }

  #letGo(): void {
    if (this.#keys <= MAX_KEYS) return;
    for (const topic of this.#held.keys()) {
      this.#queues.get(topic)?.window.release();
      this.#hold(topic, 0);
      if (this.#keys <= MAX_KEYS / 2) return;
    }
  }
}
