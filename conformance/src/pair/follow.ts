import {
  entryOf,
  type Job,
  type JobHead,
  type JobId,
  type JobState,
  type QueueStore,
  type Timestamp,
  type Topic,
} from "@jobq/core";
import { equal, holds } from "../check.ts";
import { TEST_NOW } from "../test-job.ts";
import { asMade } from "../tried-again.ts";

/** True when both repositories are one, so that no death can part them. */
export function isFused({ jobs, topics }: QueueStore): boolean {
  return topics.fuse?.(asMade(jobs)) !== undefined;
}

/** Fails unless the topics hold exactly the entries that the jobs want. */
export async function entriesFollow(store: QueueStore, when: string): Promise<void> {
  const entries = (await store.jobs.find({ limit: 100_000 })).flatMap((job) => entryOf(job) ?? []);
  const expected = new Map<Topic, { ready: number; delayed: number }>();
  for (const { topic, at } of entries) {
    const counts = expected.get(topic) ?? { ready: 0, delayed: 0 };
    expected.set(topic, counts);
    counts[at === undefined ? "ready" : "delayed"] += 1;
  }
  const infos = (await store.topics.topics()).filter(({ ready, delayed }) => ready + delayed > 0);
  const actual = infos.map(({ topic, ready, delayed }) => [topic, { ready, delayed }] as const);
  const byTopic = (list: Iterable<readonly [Topic, object]>) => [...list].sort(([a], [b]) => (a < b ? -1 : 1));
  equal(byTopic(actual), byTopic(expected), `entries ${when}`);
  const instants = entries.flatMap(({ at }) => at ?? []);
  equal(await store.topics.nextDueAt(), instants.length ? Math.min(...instants) : undefined, `next due ${when}`);
}

/** Reserves for one claim, by "worker". */
export async function reserve(
  store: QueueStore,
  limit: number,
  topic: Topic = "topic",
  now: Timestamp = TEST_NOW,
): Promise<Job[]> {
  const answers = await store.reserve([{ topic, limit, by: "worker" }], now);
  equal(answers.length, 1, "number of answers");
  const [jobs] = answers as [Job[]];
  holds(jobs.length <= limit, `at most ${limit} jobs, got ${jobs.length}`);
  return jobs;
}

/** Reserves one job that has to be there. */
export async function reserveOne(store: QueueStore, topic: Topic = "topic", now: Timestamp = TEST_NOW): Promise<Job> {
  const [job] = await reserve(store, 1, topic, now);
  holds(job !== undefined, `a job of ${topic} can be reserved`);
  return job;
}

/** The ids, in order. */
export function idsOf(jobs: readonly JobHead[]): JobId[] {
  return jobs.map(({ id }) => id);
}

/** The states of the jobs with these ids. */
export async function statesOf(store: QueueStore, ids: readonly JobId[]): Promise<(JobState | undefined)[]> {
  return (await store.jobs.get(ids)).map((job) => job?.state);
}

/** Runs a recovery to its end and returns how many jobs its pages held. */
export async function recover(store: QueueStore, limit: number): Promise<number[]> {
  const pages: number[] = [];
  for await (const count of store.recover(limit)) {
    pages.push(count);
    holds(pages.length <= 1_000, "a recovery comes to an end");
  }
  return pages;
}
