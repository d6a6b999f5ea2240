import {
  applyUnit,
  heldKey,
  heldSlot,
  isRefusal,
  type Job,
  type JobHead,
  type JobId,
  storedInserts,
  type Unit,
  type UnitOutcome,
  type UnitStored,
  type Write,
} from "@jobq/core";
import type { HeadChange } from "../memory/head-change.ts";
import type { WorkingSet } from "../memory/working-set.ts";
import { handOutHead } from "../record/keep-head.ts";
import type { NoteChange } from "../record/notes.ts";
import type { RecordReader } from "../record/record-reader.ts";

/** A change of a job with what has to be written for it. */
export interface JobChange extends HeadChange {
  /** With its payload if it is new, with its result if it ended in this commit. */
  readonly after: JobHead | Job | undefined;
  /** Whether it was removed on the way: what is stored of it goes, even if it was inserted again. */
  readonly wasRemoved: boolean;
  readonly notes: readonly NoteChange[];
}

interface StagedJob extends JobChange {
  after: JobHead | Job | undefined;
  wasRemoved: boolean;
  notes: NoteChange[];
}

/** Units worked out against what is stored, one after the other, nothing of it written yet. */
export class StagedCommit {
  readonly #memory: WorkingSet;
  readonly #reader: RecordReader;
  readonly #jobs = new Map<JobId, StagedJob>();
  readonly #holders = new Map<string, JobId>();
  /** The slots that change hands; undefined for those that nobody holds any more. */
  readonly #slots = new Map<string, JobId | undefined>();
  readonly #wiped = new Set<JobId>();
  readonly #lookup = {
    job: (id: JobId) => this.#jobs.get(id)?.after,
    holder: (unique: string) => this.#holders.get(unique),
    slotHolder: (slot: string) => (this.#slots.has(slot) ? this.#slots.get(slot) : this.#memory.slots.holder(slot)),
  };

  constructor(memory: WorkingSet, reader: RecordReader) {
    this.#memory = memory;
    this.#reader = reader;
  }

  /**
   * Reads all records that the units are about; to be called before any is applied. With `isWhole`, those of
   * unfinished jobs come with their payloads.
   */
  async load(units: readonly Unit[], isWhole: boolean): Promise<void> {
    const uniques = new Set<string>();
    const unread: JobId[] = [];
    const resets: JobId[] = [];
    for (const { insert, apply, note, forget, remove, purge } of units) {
      if (insert) {
        for (const job of insert) {
          if (job.unique !== undefined) uniques.add(job.unique);
          this.#open(job.id, unread);
        }
      }
      if (apply) {
        for (const change of apply) {
          this.#open(change.id, unread);
          if (change.type === "reset") resets.push(change.id);
        }
      }
      if (note) for (const { id } of note) this.#open(id, unread);
      if (forget) for (const { id } of forget) this.#open(id, unread);
      if (remove) for (const id of remove) this.#open(id, unread);
      if (purge) for (const id of purge) this.#open(id, unread);
    }
    if (unread.length > 0) await this.#read(unread, isWhole);
    for (const id of resets) {
      const unique = this.#jobs.get(id)?.before?.unique;
      if (unique !== undefined) uniques.add(unique);
    }
    if (uniques.size > 0) await this.#readHolders([...uniques]);
  }

  /** Works one unit out. */
  apply(unit: Unit): UnitOutcome {
    const { outcome, writes, notes, forgotten } = applyUnit<JobHead | Job>(unit, this.#lookup);
    if (isRefusal(outcome)) return outcome.job ? { ...outcome, job: handOutHead(outcome.job) } : outcome;
    this.#change(writes);
    for (const note of notes) this.#jobs.get(note.id)?.notes.push(note);
    // Whole notes are references as well.
    for (const { id, kind, key } of forgotten) this.#jobs.get(id)?.notes.push({ id, kind, key });
    return this.#reader.damaged.size > 0 ? this.#wipe(unit, outcome) : outcome;
  }

  /** The damaged jobs that the units applied so far remove or replace: all that is left of them goes. */
  wiped(): JobId[] {
    return [...this.#wiped];
  }

  /** The jobs that the units applied so far change. */
  changes(): JobChange[] {
    const changes: JobChange[] = [];
    for (const staged of this.#jobs.values()) {
      if (staged.after !== staged.before || staged.wasRemoved || staged.notes.length > 0) changes.push(staged);
    }
    return changes;
  }

  /** A job that cannot be read goes when it is removed, or another is stored in its place. */
  #wipe(unit: Unit, outcome: UnitStored): UnitStored {
    for (const { id } of storedInserts(unit, outcome)) this.#drop(id);
    return { ...outcome, removed: [...outcome.removed, ...(unit.remove ?? []).filter((id) => this.#drop(id))] };
  }

  /** What it held is free, but for what is held now by the job in its place; says whether it could not be read. */
  #drop(id: JobId): boolean {
    if (!this.#reader.damaged.delete(id)) return false;
    this.#wiped.add(id);
    const job = this.#jobs.get(id)?.after;
    const [unique, slot] = [heldKey(job), heldSlot(job)];
    for (const [key, holder] of this.#holders) if (holder === id && key !== unique) this.#holders.delete(key);
    for (const name of this.#memory.slots.namesOf(id)) if (name !== slot) this.#slots.set(name, undefined);
    return true;
  }

  /** Begins with a job as it is in memory, or leaves it to be read. */
  #open(id: JobId, unread: JobId[]): void {
    if (this.#jobs.has(id)) return;
    const before = this.#memory.reservations.get(id);
    this.#jobs.set(id, stagedJob(id, before));
    if (!before && id <= this.#memory.greatestId) unread.push(id);
  }

  async #read(ids: readonly JobId[], isWhole: boolean): Promise<void> {
    const live = await this.#reader.live(ids, isWhole);
    const others = ids.filter((id, i) => !this.#fill(id, live[i]));
    if (others.length === 0) return;
    const finished = await this.#reader.finished(others);
    others.forEach((id, i) => {
      this.#fill(id, finished[i]);
    });
  }

  #fill(id: JobId, head: JobHead | undefined): boolean {
    if (head) this.#jobs.set(id, stagedJob(id, head));
    return head !== undefined;
  }

  async #readHolders(uniques: readonly string[]): Promise<void> {
    const holders = await this.#reader.holders(uniques);
    uniques.forEach((unique, i) => {
      const holder = holders[i];
      if (holder !== undefined) this.#holders.set(unique, holder);
    });
  }

  /** What one job lets go of, another may take in the same unit, so all is let go of first. */
  #change(writes: readonly Write<JobHead | Job>[]): void {
    for (const { before, after } of writes) {
      const staged = this.#jobs.get((after ?? before).id) as StagedJob;
      staged.after = after;
      if (!after) {
        staged.wasRemoved = true;
        staged.notes = [];
      }
      const [unique, slot] = [heldKey(before), heldSlot(before)];
      if (unique !== undefined) this.#holders.delete(unique);
      if (slot !== undefined) this.#slots.set(slot, undefined);
    }
    for (const { after } of writes) {
      const [unique, slot] = [heldKey(after), heldSlot(after)];
      if (after && unique !== undefined) this.#holders.set(unique, after.id);
      if (after && slot !== undefined) this.#slots.set(slot, after.id);
    }
  }
}

function stagedJob(id: JobId, before: JobHead | undefined): StagedJob {
  return { id, before, after: before, wasRemoved: false, notes: [] };
}
