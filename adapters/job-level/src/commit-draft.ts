import {
  applyUnit,
  heldKey,
  isRefusal,
  type Job,
  type JobHead,
  type JobId,
  type Note,
  type Unit,
  type UnitOutcome,
  type Write,
} from "@jobq/core";
import { handOutHead } from "./keep-head.ts";
import type { RecordReader } from "./record-reader.ts";
import type { WorkingSet } from "./working-set.ts";

/** What a commit does to one job, all in all; without `before` it is new, without `after` it is gone. */
export interface HeadChange {
  readonly id: JobId;
  readonly before: JobHead | undefined;
  readonly after: JobHead | undefined;
}

/** A change of a job with what has to be written for it. */
export interface JobChange extends HeadChange {
  /** With its payload if it is new, with its result if it ended in this commit. */
  readonly after: JobHead | Job | undefined;
  /** Whether it was removed on the way: what is stored of it goes, even if it was inserted again. */
  readonly wasRemoved: boolean;
  readonly notes: readonly Note[];
}

interface Slot extends JobChange {
  after: JobHead | Job | undefined;
  wasRemoved: boolean;
  notes: Note[];
}

/** Units worked out against what is stored, one after the other, nothing of it written yet. */
export class CommitDraft {
  readonly #memory: WorkingSet;
  readonly #reader: RecordReader;
  readonly #slots = new Map<JobId, Slot>();
  readonly #holders = new Map<string, JobId>();
  readonly #lookup = {
    job: (id: JobId) => this.#slots.get(id)?.after,
    holder: (unique: string) => this.#holders.get(unique),
    slotHolder: () => undefined,
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
    for (const { insert, apply, note, remove, purge } of units) {
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
      if (remove) for (const id of remove) this.#open(id, unread);
      if (purge) for (const id of purge) this.#open(id, unread);
    }
    if (unread.length > 0) await this.#read(unread, isWhole);
    for (const id of resets) {
      const unique = this.#slots.get(id)?.before?.unique;
      if (unique !== undefined) uniques.add(unique);
    }
    if (uniques.size > 0) await this.#readHolders([...uniques]);
  }

  /** Works one unit out. */
  apply(unit: Unit): UnitOutcome {
    const { outcome, writes, notes } = applyUnit<JobHead | Job>(unit, this.#lookup);
    if (isRefusal(outcome)) return outcome.job ? { ...outcome, job: handOutHead(outcome.job) } : outcome;
    for (const write of writes) this.#change(write);
    for (const note of notes) this.#slots.get(note.id)?.notes.push(note);
    return outcome;
  }

  /** The jobs that the units applied so far change. */
  changes(): JobChange[] {
    const changes: JobChange[] = [];
    for (const slot of this.#slots.values()) {
      if (slot.after !== slot.before || slot.wasRemoved || slot.notes.length > 0) changes.push(slot);
    }
    return changes;
  }

  /** Begins with a job as it is in memory, or leaves it to be read. */
  #open(id: JobId, unread: JobId[]): void {
    if (this.#slots.has(id)) return;
    const before = this.#memory.reservations.get(id);
    this.#slots.set(id, newSlot(id, before));
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
    if (head) this.#slots.set(id, newSlot(id, head));
    return head !== undefined;
  }

  async #readHolders(uniques: readonly string[]): Promise<void> {
    const holders = await this.#reader.holders(uniques);
    uniques.forEach((unique, i) => {
      const holder = holders[i];
      if (holder !== undefined) this.#holders.set(unique, holder);
    });
  }

  #change({ before, after }: Write<JobHead | Job>): void {
    const slot = this.#slots.get((after ?? before).id) as Slot;
    slot.after = after;
    if (!after) {
      slot.wasRemoved = true;
      slot.notes = [];
    }
    const oldKey = before && heldKey(before);
    if (oldKey !== undefined) this.#holders.delete(oldKey);
    const newKey = after && heldKey(after);
    if (newKey !== undefined) this.#holders.set(newKey, slot.id);
  }
}

function newSlot(id: JobId, before: JobHead | undefined): Slot {
  return { id, before, after: before, wasRemoved: false, notes: [] };
}
