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

/** The slots of a limit's key, and who stands in line for them. */
export interface LimitSlots {
  /** The slots that live jobs hold, in any order. */
  readonly held: readonly number[];
  /** The heads of jobs that wait only for a slot, in the order in which they run: by weight, then by id. */
  readonly waiting: readonly JobHead[];
}

/**
 * Stores the jobs: the source of truth. A failure of the store rejects with `JobqError`; a refused guard is an outcome,
 * not a failure. Objects that are passed in or returned share nothing with the store: changing them changes nothing
 * there.
 */
export interface JobRepository {
  readonly capabilities: Capabilities;

  /**
   * The time on which all users of the store agree. The repository itself never reads it: instants are passed as
   * arguments.
   */
  readonly clock: Clock;

  /**
   * Makes every write. Stores each unit as a whole or not at all, as if one after the other, and returns outcomes in
   * the same order. A refused unit does not affect the others. If only one of two concurrent commits may pass a guard,
   * only one does. A unit that needs a job locked by another transaction is refused as `LOCKED`, and so are later units
   * that share a job with it, so that they do not delay the others. Resolves once the stored units are as durable as
   * the store promises. If it rejects, each unit is stored as a whole or not at all. If it rejects with
   * PAYLOAD_TOO_LARGE, the units are more than the store takes at once, and none is stored.
   */
  commit(units: readonly Unit[]): Promise<UnitOutcome[]>;

  /** Returns the jobs with these ids, in this order; undefined for a missing job. */
  get(ids: readonly JobId[]): Promise<(Job | undefined)[]>;

  /**
   * Returns the heads of the jobs that match, by id in the requested order, at most `limit`. It sees whole units only.
   */
  find(query: JobQuery): Promise<JobHead[]>;

  /** Returns the earliest end of a lease, even if it has passed; undefined if no job is reserved. */
  nextLeaseEndAt(): Promise<Timestamp | undefined>;

  /**
   * Returns for each of the limits' keys, in this order, which slots are held, and the first `count` of the jobs that
   * wait for one. It does not scan other jobs.
   */
  slots(limitKeys: readonly string[], count: number): Promise<LimitSlots[]>;

  /**
   * Returns counts per topic and state, in any order: of all jobs, which must be fast with millions of them, or of the
   * members of a group, which may take time in proportion to their number.
   */
  tally(group?: string): Promise<Tally[]>;

  /**
   * Returns the notes of a job, of one kind or of all, by kind and then by key (beyond U+FFFF in any order); none for a
   * missing job.
   */
  notes(id: JobId, kind?: NoteKind): Promise<Note[]>;

  /**
   * Calls `listener` when another process, or a transaction of a user, may have ended or removed jobs, with their ids
   * if they are known. Calls `failed` with the reason when hints cannot arrive. The returned function removes both.
   * Absent if no other process can do so, or if the store cannot notify. It is only a hint and may be lost; the service
   * also polls.
   */
  onChange?(listener: (ids: readonly JobId[] | undefined) => void, failed?: (error: unknown) => void): () => void;

  /**
   * Calls `listener`, which must not throw, once for each record that cannot be read, with an error whose `details`
   * name it. The returned function removes the listener. Such a job is absent for everything but `remove`. Absent if no
   * record can be damaged.
   */
  onDamage?(listener: OnDamage): () => void;

  /**
   * Waits for calls in progress, and closes everything that it opened itself. A second call does nothing; all other
   * methods then reject with CLOSED.
   */
  close(): Promise<void>;
}
