import type { Timestamp } from "./clock.ts";
import type { JobHead, JobId, Topic } from "./job.ts";

/** The place of a job in its topic. Entries of one topic run by weight, then by id. */
export interface TopicEntry {
  readonly id: JobId;
  readonly topic: Topic;
  /** From -32,768 to 32,767; a lower weight runs first. */
  readonly weight: number;
  /** When it is due; without it, the entry is ready. */
  readonly at?: Timestamp;
}

/** As much of an entry, or of a job, as its order takes. */
type Placed = Pick<TopicEntry, "id" | "weight">;

/** As much of a job as its entry takes. */
type EntryJob = Pick<JobHead, "id" | "topic" | "weight" | "state" | "runAt" | "blockers">;

/**
 * The rule that connects the two ports: a ready job has an entry, a job that is only delayed until a known instant has
 * an entry with `at`, and any other job has none.
 */
export function entryOf(job: EntryJob): TopicEntry | undefined {
  const { id, topic, weight } = job;
  if (job.state === "ready") return { id, topic, weight };
  if (job.state === "delayed" && job.runAt !== undefined && !job.blockers) return { id, topic, weight, at: job.runAt };
  return undefined;
}

/**
 * Compares ready entries of one topic by the order in which they run: by weight, then by id, which is the order of
 * arrival.
 */
export function compareEntries(a: Placed, b: Placed): number {
  return a.weight - b.weight || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}
