import {
  applyUnit,
  heldKey,
  isFinal,
  type Job,
  type JobHead,
  type JobId,
  type Lookup,
  type Note,
  type Unit,
  type UnitOutcome,
  type Write,
} from "@jobq/core";
import { CountDeltas } from "../counts/count-deltas.ts";

/** The records of some jobs as they are stored, and as units applied one after the other leave them. */
export class StagedCommit implements Lookup<JobHead> {
  readonly deltas = new CountDeltas();
  readonly #stored: ReadonlyMap<JobId, JobHead>;
  readonly #holders: Map<string, JobId>;
  readonly #now = new Map<JobId, JobHead | undefined>();
  readonly #gone = new Set<JobId>();
  readonly #notes = new Map<JobId, Map<string, Note>>();

  /**
   * @param stored every job that the units name
   * @param holders who holds the unique keys that the units may want
   */
  constructor(stored: ReadonlyMap<JobId, JobHead>, holders: Map<string, JobId>) {
    this.#stored = stored;
    this.#holders = holders;
  }

  job(id: JobId): JobHead | undefined {
    return this.#now.has(id) ? this.#now.get(id) : this.#stored.get(id);
  }

  holder(unique: string): JobId | undefined {
    return this.#holders.get(unique);
  }

  slotHolder(): undefined {}

  apply(unit: Unit): UnitOutcome {
    const { outcome, writes, notes } = applyUnit(unit, this);
    for (const write of writes) this.#write(write);
    for (const note of notes) this.#keep(note);
    return outcome;
  }

  /** Jobs that were stored and have gone, even if one with the same id has come after. */
  get removed(): readonly JobId[] {
    return [...this.#gone];
  }

  /** Jobs that were not stored. */
  inserts(): Job[] {
    return [...this.#now].flatMap(([id, job]) => (job && this.#isNew(id) ? [job as Job] : []));
  }

  /** Jobs that were stored and are different now: first those that let go of a unique key, which others may take. */
  updates(): readonly (readonly Update[])[] {
    const updates = [...this.#now].flatMap(([id, after]) => {
      const before = this.#stored.get(id);
      return before && after && !this.#isNew(id) ? [{ before, after }] : [];
    });
    const taking = ({ before, after }: Update): boolean => heldKey(after) !== undefined && isFinal(before.state);
    const changed = updates.filter(differs);
    return [changed.filter((update) => !taking(update)), changed.filter(taking)];
  }

  notes(): Note[] {
    return [...this.#notes.values()].flatMap((notes) => [...notes.values()]);
  }

  #isNew(id: JobId): boolean {
    return !this.#stored.has(id) || this.#gone.has(id);
  }

  #write({ before, after }: Write<JobHead | Job>): void {
    this.deltas.move(before, after);
    const keys = [before && heldKey(before), after && heldKey(after)] as const;
    if (keys[0] !== undefined && this.#holders.get(keys[0]) === before?.id) this.#holders.delete(keys[0]);
    if (keys[1] !== undefined && after) this.#holders.set(keys[1], after.id);
    const id = (after ?? (before as JobHead)).id;
    this.#now.set(id, after);
    if (after) return;
    if (this.#stored.has(id)) this.#gone.add(id);
    this.#notes.delete(id);
  }

  #keep(note: Note): void {
    const notes = this.#notes.get(note.id) ?? new Map<string, Note>();
    this.#notes.set(note.id, notes.set(`${note.kind}/${note.key}`, note));
  }
}

/** A stored job before and after the units. */
export interface Update {
  readonly before: JobHead;
  readonly after: JobHead & { readonly result?: string | undefined };
}

/** True when a transition has changed anything; it keeps the parts that it does not touch. */
function differs({ before, after }: Update): boolean {
  return (Object.keys(before) as (keyof JobHead)[]).some((key) => before[key] !== after[key]);
}
