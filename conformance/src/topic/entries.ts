import type { JobId, Topic, TopicEntry, TopicRepository } from "@jobq/core";
import { holds } from "../check.ts";
import { testId } from "../test-job.ts";

/** The entry of the job with this number: ready, on "topic", of weight 0, unless told otherwise. */
export function entry(number: number, overrides: Partial<TopicEntry> = {}): TopicEntry {
  return { id: testId(number), topic: "topic", weight: 0, ...overrides };
}

/** What the repository says of its topics, by name: topic, ready, delayed, paused. */
export async function infos(topics: TopicRepository): Promise<(readonly [Topic, number, number, boolean])[]> {
  const list = await topics.topics();
  return list
    .map(({ topic, ready, delayed, paused }) => [topic, ready, delayed, paused] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Pops the topic empty, so many at a time. */
export async function popAll(topics: TopicRepository, topic: Topic, limit = 1_000): Promise<JobId[]> {
  const popped: JobId[] = [];
  for (;;) {
    const ids = await topics.pop(topic, limit);
    holds(ids.length <= limit, `pop returns at most ${limit} ids, got ${ids.length}`);
    if (ids.length === 0) return popped;
    popped.push(...ids);
    holds(popped.length <= 100_000, "pop comes to an end");
  }
}
