import type { Timestamp } from "../clock.ts";
import type { TopicEntry } from "../entry.ts";
import type { JobId, Topic } from "../job.ts";
import type { Capabilities } from "./capabilities.ts";
import type { JobRepository } from "./job-repository.ts";
import type { QueueStore } from "./queue-store.ts";

/** A topic as its repository knows it. */
export interface TopicInfo {
  readonly topic: Topic;
  readonly ready: number;
  readonly delayed: number;
  readonly paused: boolean;
}

/**
 * Decides which job comes next: an index that can be rebuilt from the job repository. It knows ids, not jobs, and may
 * hold entries of jobs that should no longer have one; the caller of `pop` finds that out.
 */
export interface TopicRepository {
  readonly capabilities: Capabilities;

  /**
   * Adds entries. An id has one entry: pushing it again moves it to its new topic, weight and instant. The store copies
   * the entries: changing them afterwards changes nothing there.
   */
  push(entries: readonly TopicEntry[]): Promise<void>;

  /**
   * Removes and returns up to `limit` ready entries: lowest weight first, equal weights by id. None while it is paused.
   */
  pop(topic: Topic, limit: number): Promise<JobId[]>;

  /**
   * Removes and returns up to `limit` entries whose `at` is `now` or earlier, earliest first, over all topics, paused
   * or not.
   */
  popDue(now: Timestamp, limit: number): Promise<JobId[]>;

  /** Returns the earliest `at`; undefined if there is none. */
  nextDueAt(): Promise<Timestamp | undefined>;

  /** Removes the entries of these ids; ids without an entry are ignored. */
  remove(ids: readonly JobId[]): Promise<void>;

  /**
   * Returns every topic that has entries or is paused, in any order. An empty topic that is not paused leaves no trace.
   */
  topics(): Promise<TopicInfo[]>;

  /** Pauses or resumes a topic. While it is paused, `pop` returns none of its entries; entries can still be added. */
  pause(topic: Topic, paused: boolean): Promise<void>;

  /**
   * Waits for calls in progress, and closes everything that it opened itself. A second call does nothing; all other
   * methods then reject with CLOSED.
   */
  close(): Promise<void>;

  /**
   * Calls `listener` when another process may have pushed to a topic, and `failed` with the reason when hints cannot
   * arrive. The returned function removes both. Absent if no other process can push. It is only a hint; the service
   * also polls.
   */
  onPush?(listener: (topic: Topic) => void, failed?: (error: unknown) => void): () => void;

  /**
   * Returns both ports as one store if this repository and `jobs` are in one database; undefined if they are not.
   * Absent if the repository has no database.
   * @throws {TypeError} they are in one database, but apart by mistake, for example in two of its schemas
   */
  fuse?(jobs: JobRepository): QueueStore | undefined;
}
