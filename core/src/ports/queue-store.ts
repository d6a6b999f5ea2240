import type { Timestamp } from "../clock.ts";
import type { Job, JobHead, Topic } from "../job.ts";
import type { Change, Refusal } from "../transition.ts";
import type { Unit, UnitOutcome } from "../unit.ts";
import type { JobRepository } from "./job-repository.ts";
import type { TopicRepository } from "./topic-repository.ts";

/** Asks for ready jobs of one topic. */
export interface Claim {
  readonly topic: Topic;
  /** At most so many; at least 1. */
  readonly limit: number;
  /** Who will hold the reservations. */
  readonly by: string;
  /** How long they hold; without it, each job's own `timeoutMs`. */
  readonly leaseMs?: number | undefined;
}

/** A queue store inside a transaction that its user began and will end. */
export interface StoreWithin {
  /** As {@link QueueStore.commit}, but there iff the transaction commits; a failure is never tried again. */
  commit(units: readonly Unit[]): Promise<UnitOutcome[]>;

  /** The store's time, asked through the transaction: another connection may not be had while it is open. */
  now(): Promise<Timestamp>;
}

/**
 * The writes of a store for which nothing has to be waited: one in the memory of its process, where promises and copies
 * cost more than the work. The jobs that go in are the store's from then on, and those that come out are so still: they
 * are read at once, changed by nobody, and kept only to be named to `change`. Not part of what other stores implement.
 */
export interface DirectWrites {
  /** Adds the job, unless its id is there or another holds its unique key or slot; returns the one that stands for it. */
  insert(job: Job): Job;

  /** As {@link QueueStore.reserve}. */
  reserve(claims: readonly Claim[], now: Timestamp): readonly (readonly Job[])[];

  /** Makes a change that asks for a token on a job that `reserve` returned, or returns why it is refused. */
  change(job: Job, asked: Change, now: Timestamp): Refusal["code"] | undefined;
}

/**
 * A job repository and a topic repository that follow each other by the rule of `entryOf`. The service puts any two
 * together; repositories over one database may offer one whose every method is a single atomic step.
 */
export interface QueueStore {
  /** For reading. */
  readonly jobs: JobRepository;
  /** For reading and pausing. */
  readonly topics: TopicRepository;

  /**
   * As {@link JobRepository.commit}; entries follow. Commits do not overlap each other, but for units
   * that were LOCKED before and are tried again; the rest may.
   */
  commit(units: readonly Unit[]): Promise<UnitOutcome[]>;

  /**
   * Reserves ready jobs, in the order they run, and returns whole jobs for each claim, in the order of the claims. A job
   * that was met after its time to live is among them as well, canceled as `expired`.
   */
  reserve(claims: readonly Claim[], now: Timestamp): Promise<Job[][]>;

  /**
   * Promotes up to `limit` due jobs, whichever, and returns them as they are then: ready, waiting for a slot, or canceled
   * as `expired`. Fewer than `limit` means that no more are due.
   */
  promote(now: Timestamp, limit: number): Promise<JobHead[]>;

  /** Expires up to `limit` ended leases, whichever; returns those jobs. Fewer than `limit` means that no more have ended. */
  expire(now: Timestamp, limit: number): Promise<JobHead[]>;

  /**
   * Puts back the entries that a death between the two repositories has cost, a page of `limit` jobs at a time, and
   * yields how many jobs each page held. Yields nothing where no entry can be lost.
   */
  recover(limit: number): AsyncIterable<number>;

  /**
   * The store inside a transaction of its user's. Absent where jobs and topics do not share a database that has them.
   * @throws {TypeError} not a transaction of such a database
   */
  within?(transaction: object): StoreWithin;

  /** The same writes, done by the time the call returns. Absent where storing takes time. */
  readonly direct?: DirectWrites;
}
