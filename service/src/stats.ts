import type { Timestamp, Topic } from "@jobq/core";
import type { EventMap, Listener } from "./events/events.ts";

/** What went through a topic by way of a service since its stats are collected. */
export interface TopicStats {
  readonly topic: Topic;
  /** Jobs enqueued. */
  readonly pushed: number;
  /** Jobs reserved, every time counted. */
  readonly popped: number;
  readonly firstPushAt?: Timestamp;
  readonly lastPushAt?: Timestamp;
  readonly firstPopAt?: Timestamp;
  readonly lastPopAt?: Timestamp;
}

/** What stats are collected from: a service. */
export interface EventSource {
  on<T extends "enqueued" | "reserved">(type: T, listener: Listener<EventMap[T]>): () => void;
}

/** Collects stats of every topic from now on; the answer reads them. */
export function collectStats(service: EventSource): () => TopicStats[] {
  const topics = new Map<Topic, TopicStats>();
  const of = (topic: Topic): TopicStats => topics.get(topic) ?? { topic, pushed: 0, popped: 0 };
  service.on("enqueued", ({ topic, at }) => {
    const { pushed, firstPushAt = at, ...rest } = of(topic);
    topics.set(topic, { ...rest, pushed: pushed + 1, firstPushAt, lastPushAt: at });
  });
  service.on("reserved", ({ topic, at }) => {
    const { popped, firstPopAt = at, ...rest } = of(topic);
    topics.set(topic, { ...rest, popped: popped + 1, firstPopAt, lastPopAt: at });
  });
  return () => [...topics.values()];
}
