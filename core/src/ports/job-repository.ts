import type { Clock, Timestamp } from "../clock.ts";
import type { Job, JobHead, JobId, JobState, Topic } from "../job.ts";
import type { Note, NoteKind } from "../note.ts";
import type { JobQuery } from "../query.ts";
import type { OnDamage } from "../structures/damage.ts";
import type { Unit, UnitOutcome } from "../unit.ts";
import type { Capabilities } from "./capabilities.ts";

/** How many jobs of a topic are in a state. */
export interface Tally {
  readonly topic: Topic;
  readonly state: JobState;
  /** Never 0. */
  readonly count: number;
}

/**
 * The truth about jobs. A failure of the store rejects with `JobqError`; a refused guard is an outcome, not a failure.
 * What is passed in and what is handed out share nothing with the store: changing it changes nothing there.
 */
export interface JobRepository {
  readonly capabilities: Capabilities;

  /** The time that all users of the store agree on. The repository itself never asks it: instants come in arguments. */
  readonly clock: Clock;

  /**
   * Every write there is. Stores each unit whole or not at all, as if one after the other in this order, and returns
   * in this order; a refused unit leaves its neighbours alone. Concurrent commits never both see a guard hold that
   * only one of them may use; where single jobs are locked by others, a unit that needs one is refused as `LOCKED`, and
   * so are later ones that share a job with it, rather than hold up their neighbours. Resolves once what was stored is as
   * durable as the store promises. When it rejects, each unit is there whole or not at all; with PAYLOAD_TOO_LARGE, which
   * says that they are more than the store takes at once, none of them is.
   */
  commit(units: readonly Unit[]): Promise<UnitOutcome[]>;

  /** The jobs with these ids, in this order, undefined where there is none. */
  get(ids: readonly JobId[]): Promise<(Job | undefined)[]>;

  /** The heads of the jobs that match, by id in the order that is asked for, at most `limit`. Sees whole units only. */
  find(query: JobQuery): Promise<JobHead[]>;

  /** The earliest end of a lease that is running or has run out, undefined when nothing is reserved. */
  nextLeaseEndAt(): Promise<Timestamp | undefined>;

  /**
   * The heads of the jobs that wait for nothing but a slot of the limit's key, in the order in which they run: by weight,
   * then by id; at most `count`. Does not look at any others.
   */
  waitingForSlot(limitKey: string, count: number): Promise<JobHead[]>;

  /**
   * Counts per topic and state, in any order: of all jobs, which is cheap at millions of them, or of the members of a
   * group, which may take time with their number.
   */
  tally(group?: string): Promise<Tally[]>;

  /**
   * The notes of that kind on a job, or all of them, by kind and then by key (beyond U+FFFF in either order); none for a
   * job that is not there.
   */
  notes(id: JobId, kind?: NoteKind): Promise<Note[]>;

  /**
   * Calls `listener` when another process, or a transaction of a user's, may have ended or removed jobs, with their ids
   * where it knows them, and `failed` with the reason whenever it cannot hear of that; what it returns takes them back.
   * Absent where no other process can, or none tells. Only a hint, which may be lost: the service also looks by itself.
   */
  onChange?(listener: (ids: readonly JobId[] | undefined) => void, failed?: (error: unknown) => void): () => void;

  /**
   * Calls `listener`, which must not throw, with each record that is met and cannot be read, once, as an error whose
   * `details` name it; what it returns takes that back. Such a job is absent to everything but `remove`. Absent where no record can be damaged.
   */
  onDamage?(listener: OnDamage): () => void;

  /** Waits for what is under way and lets go of everything it opened itself. A second call does nothing; others reject with CLOSED. */
  close(): Promise<void>;
}
