import type { Topic, TopicInfo } from "@jobq/core";
import { jsonRecord, type LevelBatch, textRecord } from "@jobq/level";
import { DUE_FLOOR_KEY, isDue } from "./keys.ts";
import { newQueue, type TopicQueue, writeQueue } from "./topic-queue.ts";
import type { KeyMoves, Window } from "./window.ts";

/** Keys that come and go, being collected. */
interface Moves extends KeyMoves {
  readonly added: string[];
  readonly removed: string[];
}

/** What happens to a topic. */
export interface QueueChange {
  readonly queue: TopicQueue;
  /** As it will be. */
  readonly info: { -readonly [K in keyof TopicInfo]: TopicInfo[K] };
  readonly moves: Moves;
}

/** A change of the index that is not made yet. */
export class IndexChange {
  readonly queues = new Map<Topic, QueueChange>();
  readonly due: Moves = { added: [], removed: [] };
  readonly #existing: ReadonlyMap<Topic, TopicQueue>;
  readonly #dueWindow: Window;

  constructor(existing: ReadonlyMap<Topic, TopicQueue>, dueWindow: Window) {
    this.#existing = existing;
    this.#dueWindow = dueWindow;
  }

  /** An entry of the topic comes, by key. */
  add(topic: Topic, key: string): void {
    const { info, moves } = this.#of(topic);
    info[isDue(key) ? "delayed" : "ready"]++;
    (isDue(key) ? this.due : moves).added.push(key);
  }

  /** An entry of the topic goes, by key. */
  remove(topic: Topic, key: string): void {
    const { info, moves } = this.#of(topic);
    info[isDue(key) ? "delayed" : "ready"]--;
    (isDue(key) ? this.due : moves).removed.push(key);
  }

  /** All entries are gone already. */
  forget(): void {
    for (const topic of this.#existing.keys()) Object.assign(this.#of(topic).info, { ready: 0, delayed: 0 });
  }

  pause(topic: Topic, paused: boolean): void {
    this.#of(topic).info.paused = paused;
  }

  /** Adds the writes to a batch. */
  write(batch: LevelBatch): void {
    for (const { queue, info, moves } of this.queues.values()) {
      writeMoves(batch, moves);
      writeQueue(batch, info, queue.window.floorAfter(moves));
    }
    writeMoves(batch, this.due);
    const floor = this.#dueWindow.floorAfter(this.due);
    if (floor !== this.#dueWindow.floor) batch.put(DUE_FLOOR_KEY, textRecord(floor));
  }

  #of(topic: Topic): QueueChange {
    let change = this.queues.get(topic);
    if (!change) {
      const queue = this.#existing.get(topic) ?? newQueue(topic);
      change = { queue, info: { ...queue.info }, moves: { added: [], removed: [] } };
      this.queues.set(topic, change);
    }
    return change;
  }
}

function writeMoves(batch: LevelBatch, { added, removed }: KeyMoves): void {
  for (const key of removed) batch.del(key);
  for (const key of added) batch.put(key, PRESENT);
}

/** The key of an entry says all there is to know. */
const PRESENT = jsonRecord(0);
