import type { Timestamp } from "./clock.ts";
import type { JobHead, JobId, Topic } from "./job.ts";

/** A job's place in its topic; entries of one topic run by weight, then by id. */
export interface TopicEntry {
  readonly id: JobId;
  readonly topic: Topic;
  /** int16; lower runs first. */
  readonly weight: number;
  /** When it is due; an entry without it is ready now. */
  readonly at?: Timestamp;
}

/**
 * The rule that ties the two ports: a job that is ready has an entry, one that is delayed until a known instant has an
 * entry with `at`, any other has none.
 */
export function entryOf(job: JobHead): TopicEntry | undefined {
  const { id, topic, weight } = job;
  if (job.state === "ready") return { id, topic, weight };
  if (job.state === "delayed" && job.runAt !== undefined && !job.blockers) return { id, topic, weight, at: job.runAt };
  return undefined;
}

/** Orders ready entries of one topic as they run: by weight, then by arrival, which is what ids sort by. */
export function compareEntries(a: TopicEntry, b: TopicEntry): number {
  return a.weight - b.weight || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}
