import type { Timestamp, Topic } from "@jobq/core";
import type { Events } from "./events.ts";

/** What went through a topic by way of this service since it started. */
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

/** Keeps {@link TopicStats} by listening. */
export class StatsCollector {
  readonly #topics = new Map<Topic, TopicStats>();

  constructor(events: Events) {
    events.on("enqueued", ({ topic, at }) => {
      const { pushed, firstPushAt = at, ...rest } = this.#of(topic);
      this.#topics.set(topic, { ...rest, pushed: pushed + 1, firstPushAt, lastPushAt: at });
    });
    events.on("reserved", ({ topic, at }) => {
      const { popped, firstPopAt = at, ...rest } = this.#of(topic);
      this.#topics.set(topic, { ...rest, popped: popped + 1, firstPopAt, lastPopAt: at });
    });
  }

  all(): TopicStats[] {
    return [...this.#topics.values()];
  }

  #of(topic: Topic): TopicStats {
    return this.#topics.get(topic) ?? { topic, pushed: 0, popped: 0 };
  }
}
