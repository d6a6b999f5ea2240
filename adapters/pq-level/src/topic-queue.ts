import type { Topic, TopicInfo } from "@jobq/core";
import { jsonRecord, type LevelBatch, readJson, unreadable } from "@jobq/level";
import { readyRange, topicKey, topicOf } from "./keys.ts";
import { Window } from "./window.ts";

type Fields = readonly [ready: number, delayed: number, paused: 0 | 1, floor: string];

/** What is known of a topic. */
export interface TopicQueue {
  info: TopicInfo;
  /** The first of its ready entries. */
  readonly window: Window;
}

/** A topic that has nothing. */
export function newQueue(topic: Topic): TopicQueue {
  return { info: { topic, ready: 0, delayed: 0, paused: false }, window: new Window(readyRange(topic)) };
}

/** Whether the topic leaves no trace. */
export function isTraceless({ ready, delayed, paused }: TopicInfo): boolean {
  return ready === 0 && delayed === 0 && !paused;
}

/** Adds the record of a topic to a batch. */
export function writeQueue(batch: LevelBatch, info: TopicInfo, floor: string): void {
  const { topic, ready, delayed, paused } = info;
  if (isTraceless(info)) {
    batch.del(topicKey(topic));
    return;
  }
  const fields: Fields = [ready, delayed, paused ? 1 : 0, floor.slice(readyRange(topic).gte.length)];
  batch.put(topicKey(topic), jsonRecord(fields));
}

/** The topic in a record. */
export function readQueue(key: string, record: string): TopicQueue {
  const fields = readJson<Fields>(key, record);
  if (!Array.isArray(fields) || fields.length !== 4 || typeof fields[3] !== "string") throw unreadable(key, record);
  const [ready, delayed, paused, floor] = fields as Fields;
  const topic = topicOf(key);
  const range = readyRange(topic);
  const window = ready > 0 ? new Window(range, range.gte + floor) : new Window(range);
  return { info: { topic, ready, delayed, paused: paused === 1 }, window };
}
