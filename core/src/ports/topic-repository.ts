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
 * Which job comes next: an index that can be rebuilt from the job repository. It knows ids, not jobs, and may hold
 * entries of jobs that no longer want one; whoever pops finds out.
 */
export interface TopicRepository {
  readonly capabilities: Capabilities;

  /**
   * Adds entries. An id has one entry: pushing it again moves it, whatever its topic, weight and instant were. What is
   * passed in shares nothing with the store: changing it changes nothing there.
   */
  push(entries: readonly TopicEntry[]): Promise<void>;

  /** Takes up to `limit` ready entries out, lowest weight first, equal weights by id; none while the topic is paused. */
  pop(topic: Topic, limit: number): Promise<JobId[]>;

  /** Takes up to `limit` entries out whose `at` is `now` or earlier, earliest first, whatever their topic, paused or not. */
  popDue(now: Timestamp, limit: number): Promise<JobId[]>;

  /** The earliest `at` there is. */
  nextDueAt(): Promise<Timestamp | undefined>;

  /** Drops the entries of these ids; an id without one is passed over. */
  remove(ids: readonly JobId[]): Promise<void>;

  /** Every topic that has entries or is paused, in any order; an empty one that is not paused leaves no trace. */
  topics(): Promise<TopicInfo[]>;

  /** Holds a topic's ready entries back, or lets them go; its entries stay and can be added to. */
  pause(topic: Topic, paused: boolean): Promise<void>;

  /** Waits for what is under way and lets go of everything it opened itself. A second call does nothing; others reject with CLOSED. */
  close(): Promise<void>;

  /**
   * Calls `listener` when another process may have pushed to a topic, and `failed` with the reason whenever it cannot
   * hear of that; what it returns takes them back. Absent where no other process can push. Only a hint: the service also
   * looks by itself.
   */
  onPush?(listener: (topic: Topic) => void, failed?: (error: unknown) => void): () => void;

  /**
   * Both ports as one, when this repository and `jobs` live in one database; undefined when they do not. Absent
   * where the repository has no database.
   * @throws {TypeError} they are in one database by mistake apart, such as in two schemas of it
   */
  fuse?(jobs: JobRepository): QueueStore | undefined;
}
