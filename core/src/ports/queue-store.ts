import type { Change } from "../change.ts";
import type { Timestamp } from "../clock.ts";
import type { Job, JobHead, Topic } from "../job.ts";
import type { Refusal } from "../refusal.ts";
import type { Unit, UnitOutcome } from "../unit.ts";
import type { JobRepository } from "./job-repository.ts";
import type { TopicRepository } from "./topic-repository.ts";

/** Asks for ready jobs of one topic. */
export interface Claim {
  readonly topic: Topic;
  /** The largest number of jobs; at least 1. */
  readonly limit: number;
  /** Who will hold the reservations. */
  readonly by: string;
  /** How long the reservations hold; by default each job's `timeoutMs`. */
  readonly leaseMs?: number | undefined;
}

/** A queue store inside a transaction that its user began and will end. */
export interface StoreWithin {
  /** As {@link QueueStore.commit}, but stored only if the transaction commits; a failure is never retried. */
  commit(units: readonly Unit[]): Promise<UnitOutcome[]>;

  /**
   * The store's time, read through the transaction, because another connection may not be available while it is open.
   */
  now(): Promise<Timestamp>;
}

/**
 * Synchronous writes of a store in the memory of its process, where promises and copies would cost more than the work.
 * Jobs that are passed in belong to the store from then on, and so do jobs that are returned: read them at once, do not
 * change them, and keep them only to pass them to `change`. Other stores do not implement this.
 */
export interface DirectWrites {
  /**
   * Adds the job, unless its id is there or another holds its unique key or slot; returns the one that stands for it.
   */
  insert(job: Job): Job;

  /** As {@link QueueStore.reserve}. */
  reserve(claims: readonly Claim[], now: Timestamp): readonly (readonly Job[])[];

  /** Makes a change that asks for a token on a job that `reserve` returned, or returns why it is refused. */
  change(job: Job, asked: Change, now: Timestamp): Refusal["code"] | undefined;
}

/**
 * A job repository and a topic repository that are kept in line by the rule of `entryOf`. The service composes any two;
 * repositories over one database may offer a store in which every method is a single atomic step.
 */
export interface QueueStore {
  /** For reading. */
  readonly jobs: JobRepository;
  /** For reading and pausing. */
  readonly topics: TopicRepository;

  /**
   * As {@link JobRepository.commit}; the entries follow. The service does not call it concurrently, except for units
   * that were LOCKED before and are tried again. All other methods may be called concurrently.
   */
  commit(units: readonly Unit[]): Promise<UnitOutcome[]>;

  /**
   * Reserves ready jobs in the order in which they run, and returns whole jobs for each claim, in the order of the
   * claims. A job whose time to live has passed is among them too, canceled as `expired`.
   */
  reserve(claims: readonly Claim[], now: Timestamp): Promise<Job[][]>;

  /**
   * Promotes up to `limit` due jobs, in any order, and returns them as they are afterwards: ready, waiting for a slot,
   * or canceled as `expired`. Fewer than `limit` means that no more are due.
   */
  promote(now: Timestamp, limit: number): Promise<JobHead[]>;

  /**
   * Expires up to `limit` ended leases, in any order, and returns those jobs. Fewer than `limit` means that no more
   * have ended.
   */
  expire(now: Timestamp, limit: number): Promise<JobHead[]>;

  /**
   * Restores entries that were lost in a crash between the writes to the two repositories, in pages of `limit` jobs.
   * Yields the number of jobs of each page. Yields nothing if no entry can be lost.
   */
  recover(limit: number): AsyncIterable<number>;

  /**
   * Returns the store inside a transaction of the user. Absent if jobs and topics do not share a database with
   * transactions.
   * @throws {TypeError} not a transaction of such a database
   */
  within?(transaction: object): StoreWithin;

  /** The same writes as synchronous calls. Absent if storing takes time. */
  readonly direct?: DirectWrites;
}
