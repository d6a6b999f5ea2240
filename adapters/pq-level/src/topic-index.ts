import type { Timestamp, Topic, TopicInfo } from "@jobq/core";
import { type Level, pagesOf, readText, UTF8 } from "@jobq/level";
import { IndexChange } from "./index-change.ts";
import { type Keeper, readKeeper } from "./keeper.ts";
import { ALL_DUE, ALL_TOPICS, DUE_FLOOR_KEY, instantOf } from "./keys.ts";
import { isTraceless, type Lane, readLane } from "./lane.ts";
import { Window } from "./window.ts";

/** How many keys the windows of all topics hold together; beyond that, topics that were not asked for lately let go. */
const MOST_KEYS = 50_000;

/**
 * The entries of a topic store: on disk all of them, in memory the counts of each topic and the first keys of those
 * that are asked for. Memory changes when a batch has been written, never before.
 */
export class TopicIndex {
  keeper: Keeper | undefined;
  readonly #level: Level;
  readonly #lanes: Map<Topic, Lane>;
  readonly #due: Window;
  #delayed: number;
  /** The topics whose windows hold keys, the one asked for last at the end. */
  readonly #held = new Map<Topic, number>();
  #keys = 0;

  private constructor(level: Level, lanes: Map<Topic, Lane>, dueFloor: string, keeper: Keeper | undefined) {
    this.#level = level;
    this.#lanes = lanes;
    this.#delayed = 0;
    for (const { info } of lanes.values()) this.#delayed += info.delayed;
    this.#due = this.#delayed > 0 ? new Window(ALL_DUE, dueFloor) : new Window(ALL_DUE);
    this.keeper = keeper;
  }

  static async load(level: Level): Promise<TopicIndex> {
    const lanes = new Map<Topic, Lane>();
    for await (const page of pagesOf(level.iterator({ ...ALL_TOPICS, ...UTF8 }))) {
      for (const [key, record] of page) {
        const lane = readLane(key, record);
        lanes.set(lane.info.topic, lane);
      }
    }
    const [floor] = await level.getMany([DUE_FLOOR_KEY], UTF8);
    const dueFloor = floor === undefined ? ALL_DUE.gte : readText(DUE_FLOOR_KEY, floor);
    return new TopicIndex(level, lanes, dueFloor, await readKeeper(level));
  }

  topics(): TopicInfo[] {
    return Array.from(this.#lanes.values(), ({ info }) => ({ ...info }));
  }

  /** The first ready entries of a topic, by key; none while it is paused. */
  async first(topic: Topic, count: number): Promise<string[]> {
    const lane = this.#lanes.get(topic);
    if (!lane || lane.info.paused || lane.info.ready === 0) return [];
    await lane.window.fill(this.#level, count);
    this.#hold(topic, lane.window.size);
    return lane.window.first(count);
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

  /** A change to begin with. */
  change(): IndexChange {
    return new IndexChange(this.#lanes, this.#due);
  }

  /** The change has been written. */
  adopt(change: IndexChange): void {
    for (const [topic, { lane, info, moves }] of change.lanes) {
      this.#delayed += info.delayed - lane.info.delayed;
      lane.window.adopt(moves);
      lane.info = info;
      if (isTraceless(info)) this.#lanes.delete(topic);
      else this.#lanes.set(topic, lane);
      if (info.ready === 0) lane.window.restart();
      this.#hold(topic, lane.window.size);
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
    if (this.#keys <= MOST_KEYS) return;
    for (const topic of this.#held.keys()) {
      this.#lanes.get(topic)?.window.release();
      this.#hold(topic, 0);
      if (this.#keys <= MOST_KEYS / 2) return;
    }
  }
}
