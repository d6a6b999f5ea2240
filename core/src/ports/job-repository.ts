import type { Clock, Timestamp } from "../clock.ts";
import type { Job, JobHead, JobId, JobState, Topic } from "../job.ts";
import type { Note, NoteKind } from "../note.ts";
import type { JobQuery } from "../query.ts";
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
   * Every write there is. Stores each unit whole or not at all, as if one after the other in this order, and answers
   * in this order; a refused unit leaves its neighbours alone. Concurrent commits never both see a guard hold that
   * only one of them may use. Resolves once what was stored is as durable as the store promises. When it rejects,
   * each unit is there whole or not at all.
   */
  commit(units: readonly Unit[]): Promise<UnitOutcome[]>;

  /** The jobs with these ids, in this order, undefined where there is none. */
  get(ids: readonly JobId[]): Promise<(Job | undefined)[]>;

  /** The heads of the jobs that match, by id, at most `limit`. Sees whole units only. */
  find(query: JobQuery): Promise<JobHead[]>;

  /** The earliest end of a lease that is running or has run out, undefined when nothing is reserved. */
  nextLeaseEndAt(): Promise<Timestamp | undefined>;

  /** Counts per topic and state, in any order; cheap at millions of jobs. */
  tally(): Promise<Tally[]>;

  /** The notes of that kind on a job, by key (beyond U+FFFF in either order); none for a job that is not there. */
  notes(id: JobId, kind: NoteKind): Promise<Note[]>;

  /** Waits for what is under way and lets go of everything it opened itself. A second call does nothing; others reject with CLOSED. */
  close(): Promise<void>;
}
