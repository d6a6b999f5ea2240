import type { Timestamp } from "./clock.ts";
import { heldKey, heldSlot, isFinal, type Job, type JobHead, type JobId } from "./job.ts";
import type { Note, NoteRef } from "./note.ts";
import { type Change, isRefusal, type Refusal, transition } from "./transition.ts";

/**
 * Changes that are stored whole or not at all, in this order: inserts, transitions, notes, notes to forget, removals,
 * purges.
 */
export interface Unit {
  /** The instant at which all of it happens. */
  readonly now: Timestamp;
  /**
   * Jobs to add. One whose id is there already, or whose unique key or slot another job holds, is left out; that refuses
   * nothing.
   */
  readonly insert?: readonly Job[];
  /** Guarded transitions; a guard that fails refuses the unit. */
  readonly apply?: readonly Change[];
  /** Notes on jobs that exist; one on a job that does not refuses the unit. */
  readonly note?: readonly Note[];
  /** Notes to forget; one that is not there is passed over. */
  readonly forget?: readonly NoteRef[];
  /** Jobs to forget, with their notes; one that is not there is passed over. */
  readonly remove?: readonly JobId[];
  /**
   * Jobs to forget, with their notes, if they are done or canceled and nobody waits to be told so; any other, and one that
   * somebody has locked, is passed over.
   */
  readonly purge?: readonly JobId[];
}

/** What a stored unit did. */
export interface UnitStored {
  readonly ok: true;
  /** For each insert the job that stands for it: itself, or the one that holds its unique key or slot. */
  readonly inserted: readonly JobId[];
  /** The inserts that the unit did not store, by their own ids: the id was there, or another job holds the key or slot. */
  readonly leftOut: readonly JobId[];
  /** For each transition the job after it; it may carry more than the head. */
  readonly changed: readonly JobHead[];
  /** The jobs that were there and are not any more. */
  readonly removed: readonly JobId[];
}

export type UnitOutcome = UnitStored | Refusal;

/** True for a unit that was refused only because somebody's open transaction holds what it needs. */
export function isLocked(outcome: UnitOutcome): outcome is Refusal {
  return !outcome.ok && outcome.code === "LOCKED";
}

/** The records a unit starts from. */
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

/** What a store has to write for a unit; nothing when the outcome is a refusal. */
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
 * Works out a unit against the records of a store, without writing: the store writes what comes back, in one step.
 * `Job` is assignable to `J`, so a store that keeps payloads elsewhere may work on heads.
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

/** True for a job that `purge` may forget: it has ended, and everybody who waits for that has been told. */
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
