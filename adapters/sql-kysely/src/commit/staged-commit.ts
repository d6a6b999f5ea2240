import {
  applyUnit,
  heldKey,
  heldSlot,
  type Job,
  type JobHead,
  type JobId,
  type Lookup,
  type Note,
  type NoteRef,
  neededIds,
  storedInserts,
  type Unit,
  type UnitOutcome,
  type UnitStored,
  type Write,
} from "@jobq/core";
import { CountDeltas } from "../counts/count-deltas.ts";
import type { Row } from "../statement/statement.ts";

/** Who holds what the units of a commit may want. */
export interface Held {
  /** By unique key. */
  readonly keys: Map<string, JobId>;
  /** By the name of the slot. */
  readonly slots: Map<string, JobId>;
  /** Jobs that could not be had, since a transaction of somebody's has locked them. */
  readonly locked: Set<JobId>;
  /** The rows of jobs that count as absent, since they make no sense. */
  readonly damaged: Map<JobId, Row>;
}

/** The records of some jobs as they are stored, and as units applied one after the other leave them. */
export class StagedCommit implements Lookup<JobHead> {
  readonly deltas = new CountDeltas();
  readonly #stored: ReadonlyMap<JobId, JobHead>;
  readonly #held: Held;
  readonly #now = new Map<JobId, JobHead | undefined>();
  readonly #gone = new Set<JobId>();
  /** By job, then by kind and key; what is not a whole note is to be forgotten. */
  readonly #notes = new Map<JobId, Map<string, Note | NoteRef>>();

  /** @param stored every job that the units name */
  constructor(
    stored: ReadonlyMap<JobId, JobHead>,
    held: Held = { keys: new Map(), slots: new Map(), locked: new Set(), damaged: new Map() },
  ) {
    this.#stored = stored;
    this.#held = held;
  }

  job(id: JobId): JobHead | undefined {
    return this.#now.has(id) ? this.#now.get(id) : this.#stored.get(id);
  }

  holder(unique: string): JobId | undefined {
    return this.#held.keys.get(unique);
  }

  slotHolder(slot: string): JobId | undefined {
    return this.#held.slots.get(slot);
  }

  apply(unit: Unit): UnitOutcome {
    const { locked } = this.#held;
    if (locked.size === 0) return this.#apply(unit);
    const ids = neededIds(unit);
    const id = ids.find((id) => locked.has(id));
    if (id === undefined) return this.#apply({ ...unit, purge: unit.purge?.filter((id) => !locked.has(id)) ?? [] });
    for (const needed of ids) locked.add(needed); // later units on these jobs come after this one
    return { ok: false, code: "LOCKED", id };
  }

  #apply(unit: Unit): UnitOutcome {
    const { outcome, writes, notes, forgotten } = applyUnit(unit, this);
    for (const write of writes) this.#write(write);
    for (const note of notes) this.#keep(note);
    // Whole notes are references as well.
    for (const { id, kind, key } of forgotten) this.#keep({ id, kind, key });
    return this.#held.damaged.size > 0 && outcome.ok ? this.#wipe(unit, outcome) : outcome;
  }

  /** A job that counts as absent goes when it is removed, or another is stored in its place. */
  #wipe(unit: Unit, outcome: UnitStored): UnitStored {
    for (const { id } of storedInserts(unit, outcome)) this.#drop(id);
    return { ...outcome, removed: [...outcome.removed, ...(unit.remove ?? []).filter((id) => this.#drop(id))] };
  }

  #drop(id: JobId): boolean {
    const { damaged, keys, slots } = this.#held;
    const row = damaged.get(id);
    if (!row) return false;
    damaged.delete(id);
    this.deltas.removed(row);
    const job = this.job(id);
    for (const [holders, own] of [[keys, heldKey(job)] as const, [slots, heldSlot(job)] as const]) {
      for (const [name, holder] of holders) if (holder === id && name !== own) holders.delete(name);
    }
    this.#gone.add(id);
    return true;
  }

  /** Jobs that were stored and have gone, even if one with the same id has come after. */
  get removed(): readonly JobId[] {
    return [...this.#gone];
  }

  /** Jobs that were not stored. */
  inserts(): Job[] {
    return [...this.#now].flatMap(([id, job]) => (job && this.#isNew(id) ? [job as Job] : []));
  }

  /**
   * Jobs that were stored and are different now, in two steps: in the first everybody lets go of what others may take, a
   * unique key or a slot, and in the second it is taken.
   */
  updates(): readonly (readonly Update[])[] {
    const updates = [...this.#now].flatMap(([id, after]) => {
      const before = this.#stored.get(id);
      return before && after && !this.#isNew(id) ? [{ before, after }] : [];
    });
    const changed = updates.filter(differs);
    const taking = changed.filter(takes);
    // One that changes its slot, or gives up a key and takes a slot, does both.
    const between = taking
      .filter(({ before }) => heldSlot(before) ?? heldKey(before))
      .map(({ before, after }) => ({ before, after: { ...after, slot: undefined } }));
    return [[...changed.filter((update) => !takes(update)), ...between], taking];
  }

  notes(): Note[] {
    return this.#kept().flatMap((note) => ("value" in note ? [note] : []));
  }

  /** Notes to delete. */
  forgotten(): NoteRef[] {
    return this.#kept().filter((note) => !("value" in note));
  }

  #kept(): (Note | NoteRef)[] {
    return [...this.#notes.values()].flatMap((notes) => [...notes.values()]);
  }

  #isNew(id: JobId): boolean {
    return !this.#stored.has(id) || this.#gone.has(id);
  }

  #write({ before, after }: Write<JobHead | Job>): void {
    this.deltas.change(before, after);
    move(this.#held.keys, heldKey(before), heldKey(after), before, after);
    move(this.#held.slots, heldSlot(before), heldSlot(after), before, after);
    const id = (after ?? (before as JobHead)).id;
    this.#now.set(id, after);
    if (after) return;
    if (this.#stored.has(id)) this.#gone.add(id);
    this.#notes.delete(id);
  }

  #keep(note: Note | NoteRef): void {
    const notes = this.#notes.get(note.id) ?? new Map<string, Note | NoteRef>();
    this.#notes.set(note.id, notes.set(`${note.kind}/${note.key}`, note));
  }
}

/** A job lets go of what it held, unless another has taken it since, and takes what it holds. */
function move(
  holders: Map<string, JobId>,
  from: string | undefined,
  to: string | undefined,
  before: JobHead | undefined,
  after: JobHead | undefined,
): void {
  if (from !== undefined && holders.get(from) === before?.id) holders.delete(from);
  if (to !== undefined && after) holders.set(to, after.id);
}

/** A stored job before and after the units. */
export interface Update {
  readonly before: JobHead;
  readonly after: JobHead & { readonly result?: string | undefined };
}

/** True when a job holds what it did not hold before. */
function takes({ before, after }: Update): boolean {
  const [key, slot] = [heldKey(after), heldSlot(after)];
  return (key !== undefined && key !== heldKey(before)) || (slot !== undefined && slot !== heldSlot(before));
}

/** True when the units have changed anything; what they do not touch may have been copied. */
function differs({ before, after }: Update): boolean {
  const keys = Object.keys({ ...before, ...after }) as (keyof JobHead)[];
  return keys.some((key) => before[key] !== after[key] && !isCopy(before[key], after[key]));
}

function isCopy(before: unknown, after: unknown): boolean {
  return typeof before === "object" && typeof after === "object" && JSON.stringify(before) === JSON.stringify(after);
}
