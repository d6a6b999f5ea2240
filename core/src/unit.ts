import type { Timestamp } from "./clock.ts";
import { isFinal, type Job, type JobHead, type JobId } from "./job.ts";
import type { Note } from "./note.ts";
import { type Change, isRefusal, type Refusal, transition } from "./transition.ts";

/** Changes that are stored whole or not at all, in this order: inserts, transitions, notes, removals. */
export interface Unit {
  /** The instant at which all of it happens. */
  readonly now: Timestamp;
  /** Jobs to add. One whose id is there already, or whose unique key a live job holds, is left out; that refuses nothing. */
  readonly insert?: readonly Job[];
  /** Guarded transitions; a guard that fails refuses the unit. */
  readonly apply?: readonly Change[];
  /** Notes on jobs that exist; one on a job that does not refuses the unit. */
  readonly note?: readonly Note[];
  /** Jobs to forget, with their notes; one that is not there is passed over. */
  readonly remove?: readonly JobId[];
}

/** What a stored unit did. */
export interface UnitStored {
  readonly ok: true;
  /** For each insert the job that stands for it: itself, or the one that holds its unique key. */
  readonly inserted: readonly JobId[];
  /** The inserts that the unit did not store, by their own ids: the id was there, or a live job holds the unique key. */
  readonly leftOut: readonly JobId[];
  /** For each transition the job after it; it may carry more than the head. */
  readonly changed: readonly JobHead[];
  /** The jobs that were there and are not any more. */
  readonly removed: readonly JobId[];
}

export type UnitOutcome = UnitStored | Refusal;

/** The records a unit starts from. */
export interface Lookup<J extends JobHead> {
  job(id: JobId): J | undefined;
  /** The live job that holds the unique key. */
  holder(unique: string): JobId | undefined;
}

/** One record to write: without `before` a new one, without `after` one to delete. */
export type Write<J extends JobHead> =
  | { readonly before: J | undefined; readonly after: J }
  | { readonly before: J; readonly after: undefined };

/** What a store has to write for a unit; nothing when the outcome is a refusal. */
export interface AppliedUnit<J extends JobHead> {
  readonly outcome: UnitOutcome;
  /** At most one per job. */
  readonly writes: readonly Write<J>[];
  readonly notes: readonly Note[];
}

/** Not frozen: the engine would treat it as another kind of array, and every loop that meets both as slow. */
const NONE: readonly never[] = [];

/** The jobs that a stored unit added; of two with one id the first. */
export function storedInserts({ insert = NONE }: Unit, { leftOut }: UnitStored): readonly Job[] {
  if (insert.length < 2 && leftOut.length === 0) return insert;
  const passed = new Set(leftOut);
  return insert.filter(({ id }) => !passed.has(id) && passed.add(id));
}

/** The key a job keeps others from taking, if it does. */
export function heldKey(job: JobHead): string | undefined {
  return isFinal(job.state) ? undefined : job.unique;
}

/**
 * Works out a unit against the records of a store, without writing: the store writes what comes back, in one step.
 * `Job` is assignable to `J`, so a store that keeps payloads elsewhere may work on heads.
 */
export function applyUnit<J extends JobHead>(unit: Unit, lookup: Lookup<J>): AppliedUnit<J | Job> {
  const { insert = NONE, apply = NONE, note = NONE, remove = NONE, now } = unit;
  const overlay = new Overlay<J | Job>(lookup);
  const inserted = insert.map((job) => overlay.insert(job));
  const leftOut = overlay.leftOut;
  const changed: JobHead[] = [];
  for (const change of apply) {
    const answer = overlay.apply(change, now);
    if (isRefusal(answer)) return refused(answer);
    changed.push(answer);
  }
  for (const { id } of note) if (!overlay.job(id)) return refused({ ok: false, code: "JOB_NOT_FOUND", id });
  const removed = remove.filter((id) => overlay.remove(id));
  const notes = removed.length > 0 ? note.filter(({ id }) => overlay.job(id)) : note;
  return { outcome: { ok: true, inserted, leftOut, changed, removed }, writes: overlay.writes(), notes };
}

function refused(outcome: Refusal): AppliedUnit<never> {
  return { outcome, writes: NONE, notes: NONE };
}

/** The job that is there in place of one to insert: itself, or the holder of its unique key. */
function standIn(job: Job, lookup: Lookup<JobHead>): JobId | undefined {
  if (lookup.job(job.id)) return job.id;
  const key = heldKey(job);
  return key === undefined ? undefined : lookup.holder(key);
}

/** The job after the change. A reset takes the unique key again, which may be in other hands by then. */
function changed<J extends JobHead>(
  job: J | undefined,
  change: Change,
  lookup: Lookup<J>,
  now: Timestamp,
): J | Refusal {
  const { id } = change;
  if (!job) return { ok: false, code: "JOB_NOT_FOUND", id };
  const after = transition(job, change, now);
  if (change.type !== "reset" || isRefusal(after) || after.unique === undefined) return after;
  const holder = lookup.holder(after.unique);
  return holder === undefined ? after : { ok: false, code: "DUPLICATE_JOB", id, job, holder };
}

/** The records as a unit has changed them so far. */
class Overlay<J extends JobHead> implements Lookup<J> {
  readonly leftOut: JobId[] = [];
  readonly #lookup: Lookup<J>;
  readonly #after = new Map<JobId, J | undefined>();
  /** Who took a unique key last in this unit; it may have lost it again. */
  readonly #takers = new Map<string, JobId>();

  constructor(lookup: Lookup<J>) {
    this.#lookup = lookup;
  }

  job(id: JobId): J | undefined {
    return this.#after.has(id) ? this.#after.get(id) : this.#lookup.job(id);
  }

  holder(key: string): JobId | undefined {
    const holder = this.#takers.get(key) ?? this.#lookup.holder(key);
    if (holder === undefined || !this.#after.has(holder)) return holder;
    const after = this.#after.get(holder);
    return after && heldKey(after) === key ? holder : undefined;
  }

  insert(job: J & Job): JobId {
    const id = standIn(job, this);
    if (id === undefined) this.#set(job);
    else if (!this.#after.has(job.id)) this.leftOut.push(job.id);
    return id ?? job.id;
  }

  apply(change: Change, now: Timestamp): J | Refusal {
    const after = changed(this.job(change.id), change, this, now);
    if (!isRefusal(after)) this.#set(after);
    return after;
  }

  remove(id: JobId): boolean {
    if (!this.job(id)) return false;
    this.#after.set(id, undefined);
    return true;
  }

  writes(): Write<J>[] {
    const writes: Write<J>[] = [];
    for (const [id, after] of this.#after) {
      const before = this.#lookup.job(id);
      if (after) writes.push({ before, after });
      else if (before) writes.push({ before, after: undefined });
    }
    return writes;
  }

  #set(job: J): void {
    this.#after.set(job.id, job);
    const key = heldKey(job);
    if (key !== undefined) this.#takers.set(key, job.id);
  }
}
