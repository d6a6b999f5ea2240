import type { Timestamp, Topic } from "@jobq/core";
import { contextOf, type JobService, type TopicMap } from "../module.ts";

/** What went through a topic of this service since the collection of stats began. */
export interface TopicStats {
  readonly topic: Topic;
  /** The number of jobs enqueued. */
  readonly pushed: number;
  /** The number of reservations. */
  readonly popped: number;
  readonly firstPushAt?: Timestamp;
  readonly lastPushAt?: Timestamp;
  readonly firstPopAt?: Timestamp;
  readonly lastPopAt?: Timestamp;
}

/** Collects stats of every topic from now on. Returns a function that reads them. */
export function collectStats<Topics extends TopicMap>(service: JobService<Topics>): () => TopicStats[] {
  const topics = new Map<Topic, TopicStats>();
  contextOf(service).onStored(
    (changes) => {
      for (const { job, what, at } of changes) {
        const stats = topics.get(job.topic) ?? { topic: job.topic, pushed: 0, popped: 0 };
        topics.set(job.topic, what === "insert" ? pushed(stats, at) : popped(stats, at));
      }
    },
    (_, what) => what === "insert" || what === "reserve",
  );
  return () => [...topics.values()];
}

function pushed({ firstPushAt, ...stats }: TopicStats, at: Timestamp): TopicStats {
  return { ...stats, pushed: stats.pushed + 1, firstPushAt: firstPushAt ?? at, lastPushAt: at };
}

function popped({ firstPopAt, ...stats }: TopicStats, at: Timestamp): TopicStats {
  return { ...stats, popped: stats.popped + 1, firstPopAt: firstPopAt ?? at, lastPopAt: at };
}
