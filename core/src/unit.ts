import type { Change } from "./change.ts";
import type { Timestamp } from "./clock.ts";
import { heldKey, heldSlot, isFinal, type Job, type JobHead, type JobId } from "./job.ts";
import type { Note, NoteRef } from "./note.ts";
import type { Refusal } from "./refusal.ts";
import { isRefusal, transition } from "./transition.ts";

/**
 * A set of changes that is stored as a whole or not at all. They are applied in this order: inserts, transitions,
 * notes, deleted notes, removals, purges.
 */
export interface Unit {
  /** The instant at which all of it happens. */
  readonly now: Timestamp;
  /**
   * Jobs to add. A job whose id exists, or whose unique key or slot another job holds, is left out; that does not
   * refuse the unit.
   */
  readonly insert?: readonly Job[];
  /** Transitions. A guard that fails refuses the unit. */
  readonly apply?: readonly Change[];
  /** Notes to store. A note on a missing job refuses the unit. */
  readonly note?: readonly Note[];
  /** Notes to delete. Missing notes are ignored. */
  readonly forget?: readonly NoteRef[];
  /** Jobs to delete, with their notes. Missing jobs are ignored. */
  readonly remove?: readonly JobId[];
  /**
   * Jobs to delete, with their notes, if they are done or canceled and nothing waits to be told of that. All others,
   * and jobs that are locked, are ignored.
   */
  readonly purge?: readonly JobId[];
}

/** The outcome of a unit that was stored. */
export interface UnitStored {
  readonly ok: true;
  /** For each insert, the id of the job itself, or of the job that holds its unique key or slot. */
  readonly inserted: readonly JobId[];
  /** The ids of inserts that were not stored: the id existed, or another job holds the key or slot. */
  readonly leftOut: readonly JobId[];
  /** For each transition, the job after it; the object may contain more than the head. */
  readonly changed: readonly JobHead[];
  /** The ids of the jobs that were deleted. */
  readonly removed: readonly JobId[];
}

export type UnitOutcome = UnitStored | Refusal;

/** True for a unit that was refused only because an open transaction has locked what it needs. */
export function isLocked(outcome: UnitOutcome): outcome is Refusal {
  return !outcome.ok && outcome.code === "LOCKED";
}

/** The records that a unit starts from. */
export interface Lookup<J extends JobHead> {
  job(id: JobId): J | undefined;
  /** The job that holds the unique key, see {@link heldKey}. */
  holder(unique: string): JobId | undefined;
  /** The live job that holds the slot of that name, see {@link heldSlot}. */
  slotHolder(slot: string): JobId | undefined;
}

/** One record to write: without `before` a new one, without `after` one to delete. */
export type Write<J extends JobHead> =
  | { readonly before: J | undefined; readonly after: J }
  | { readonly before: J; readonly after: undefined };

/** What a store has to write for a unit; nothing if the outcome is a refusal. */
export interface AppliedUnit<J extends JobHead> {
  readonly outcome: UnitOutcome;
  /** At most one per job. */
  readonly writes: readonly Write<J>[];
  readonly notes: readonly Note[];
  /** Notes to delete, after `notes` were written. */
  readonly forgotten: readonly NoteRef[];
}

/** Not frozen: the engine would treat it as another kind of array, and every loop that meets both as slow. */
const NONE: readonly never[] = [];

/** The jobs that a stored unit added; of two with one id the first. */
export function storedInserts({ insert = NONE }: Unit, { leftOut }: UnitStored): readonly Job[] {
  if (insert.length < 2 && leftOut.length === 0) return insert;
  const passed = new Set(leftOut);
  return insert.filter(({ id }) => !passed.has(id) && passed.add(id));
}

/**
 * Applies a unit to the records of a store without writing; the store then writes the result in one step. `Job` is
 * assignable to `J`, so a store that keeps payloads elsewhere can use heads.
 */
export function applyUnit<J extends JobHead>(unit: Unit, lookup: Lookup<J>): AppliedUnit<J | Job> {
  const { insert = NONE, apply = NONE, note = NONE, forget = NONE, remove = NONE, purge = NONE, now } = unit;
  const records = new UnitRecords(lookup);
  const leftOut: JobId[] = [];
  const changed: JobHead[] = [];

  const inserted = insert.map((job) => {
    const { id } = job;
    const standIn = records.find(id) ? id : records.holderOf(job);
    if (!standIn) records.set(job);
    else if (!records.after.has(id)) leftOut.push(id);
    return standIn ?? id;
  });
  for (const change of apply) {
    const { id } = change;
    const job = records.find(id);
    if (!job) return refuse({ ok: false, code: "JOB_NOT_FOUND", id });
    const answer = transition(job, change, now);
    if (isRefusal(answer)) return refuse(answer);
    // A reset takes the unique key again, and an admission takes a slot: either may be in other hands.
    const holder = change.type === "reset" || change.type === "admit" ? records.holderOf(answer) : undefined;
    if (holder) return refuse({ ok: false, code: "DUPLICATE_JOB", id, job, holder });
    records.set(answer);
    changed.push(answer);
  }
  for (const { id } of note) if (!records.find(id)) return refuse({ ok: false, code: "JOB_NOT_FOUND", id });
  const removed = [
    ...remove.filter((id) => records.forget(id, records.find(id) !== undefined)),
    ...purge.filter((id) => records.forget(id, isPurgeable(records.find(id)))),
  ];
  return {
    outcome: { ok: true, inserted, leftOut, changed, removed },
    writes: records.writes(),
    notes: note.filter(({ id }) => records.find(id)),
    forgotten: forget.filter(({ id }) => records.find(id)),
  };
}

/** True for a job that `purge` may delete: it has ended, and all jobs that waited for that have been told. */
export function isPurgeable(job: JobHead | undefined): boolean {
  return job !== undefined && isFinal(job.state) && !job.links;
}

function refuse(outcome: Refusal): AppliedUnit<never> {
  return { outcome, writes: NONE, notes: NONE, forgotten: NONE };
}

/** The records of a store as a unit has changed them so far. */
class UnitRecords<J extends JobHead> {
  readonly after = new Map<JobId, J | Job | undefined>();
  readonly #lookup: Lookup<J>;
  /** Who took a unique key last in this unit; it may have lost it again. */
  readonly #keys = new Map<string, JobId>();
  /** Likewise for slots. */
  readonly #slots = new Map<string, JobId>();

  constructor(lookup: Lookup<J>) {
    this.#lookup = lookup;
  }

  find(id: JobId): J | Job | undefined {
    return this.after.has(id) ? this.after.get(id) : this.#lookup.job(id);
  }

  set(job: J | Job): void {
    this.after.set(job.id, job);
    const [key, slot] = [heldKey(job), heldSlot(job)];
    if (key !== undefined) this.#keys.set(key, job.id);
    if (slot !== undefined) this.#slots.set(slot, job.id);
  }

  /** Says whether it did. */
  forget(id: JobId, may: boolean): boolean {
    if (may) this.after.set(id, undefined);
    return may;
  }

  /** Another job that holds what this one would hold. */
  holderOf(job: JobHead): JobId | undefined {
    const [key, slot] = [heldKey(job), heldSlot(job)];
    const holders = [
      key !== undefined &&
        this.#still(this.#keys.get(key) ?? this.#lookup.holder(key), (held) => heldKey(held) === key),
      slot !== undefined &&
        this.#still(this.#slots.get(slot) ?? this.#lookup.slotHolder(slot), (held) => heldSlot(held) === slot),
    ];
    return holders.find((holder) => holder && holder !== job.id) || undefined;
  }

  writes(): Write<J | Job>[] {
    const writes = [...this.after].map(([id, after]) => ({ before: this.#lookup.job(id), after }) as Write<J | Job>);
    return writes.filter((write) => write.before ?? write.after);
  }

  /** The holder, unless this unit has taken from it what it held. */
  #still(holder: JobId | undefined, holds: (job: J | Job | undefined) => boolean): JobId | undefined {
    return holder !== undefined && this.after.has(holder) && !holds(this.after.get(holder)) ? undefined : holder;
  }
}
