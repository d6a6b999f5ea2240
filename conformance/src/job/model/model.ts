import {
  applyUnit,
  compareEntries,
  heldKey,
  heldSlot,
  type Job,
  type JobHead,
  type JobId,
  type JobQuery,
  type LimitSlots,
  matches,
  type Note,
  type NoteKind,
  type NoteRef,
  type Tally,
  type Timestamp,
  type Unit,
  type UnitOutcome,
  waitsForSlot,
} from "@jobq/core";
import { headOf, TEST_NOW } from "../../test-job.ts";
import { tallyOf } from "./tally.ts";

/** What a store holds, as core works it out: for cases whose units are too many to say what each of them leaves. */
export class JobModel {
  readonly #jobs = new Map<JobId, Job>();
  #notes: readonly Note[] = [];

  commit(unit: Omit<Unit, "now"> & { readonly now?: Timestamp }): UnitOutcome {
    const who = (holds: (job: Job) => boolean) => [...this.#jobs.values()].find(holds)?.id;
    const { outcome, writes, notes, forgotten } = applyUnit<Job>(
      { now: TEST_NOW, ...unit },
      {
        job: (id) => this.#jobs.get(id),
        holder: (unique) => who((job) => heldKey(job) === unique),
        slotHolder: (slot) => who((job) => heldSlot(job) === slot),
      },
    );
    for (const { before, after } of writes) {
      if (after) this.#jobs.set(after.id, after);
      else if (before) this.#forget(before.id);
    }
    for (const note of notes) this.#notes = [...this.#notes.filter((one) => !isSame(one, note)), note];
    this.#notes = this.#notes.filter((note) => !forgotten.some((one) => isSame(one, note)));
    return outcome;
  }

  get(ids: readonly JobId[]): (Job | undefined)[] {
    return ids.map((id) => this.#jobs.get(id));
  }

  find(query: JobQuery): JobHead[] {
    const inOrder = [...this.#jobs.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
    const found = inOrder.filter((job) => matches(query, job));
    if (query.order === "newest") found.reverse();
    return found.slice(0, query.limit).map(headOf);
  }

  nextLeaseEndAt(): Timestamp | undefined {
    const ends = [...this.#jobs.values()].flatMap(({ leaseUntil }) => leaseUntil ?? []);
    return ends.length ? Math.min(...ends) : undefined;
  }

  slots(limitKeys: readonly string[], count: number): LimitSlots[] {
    return limitKeys.map((key) => {
      const jobs = [...this.#jobs.values()].filter(({ limit }) => limit?.key === key);
      const waiting = jobs.filter(waitsForSlot).sort(compareEntries).slice(0, count);
      return { held: jobs.flatMap(({ slot }) => slot ?? []), waiting: waiting.map(headOf) };
    });
  }

  tally(group?: string): Tally[] {
    const jobs = [...this.#jobs.values()];
    return tallyOf(group === undefined ? jobs : jobs.filter((job) => job.group === group));
  }

  notes(id: JobId, kind?: NoteKind): Note[] {
    const own = this.#notes.filter((note) => note.id === id && (kind === undefined || note.kind === kind));
    return own.sort((a, b) => ((a.kind === b.kind ? a.key < b.key : a.kind < b.kind) ? -1 : 1));
  }

  #forget(id: JobId): void {
    this.#jobs.delete(id);
    this.#notes = this.#notes.filter((note) => note.id !== id);
  }
}

function isSame(a: NoteRef, b: NoteRef): boolean {
  return a.id === b.id && a.kind === b.kind && a.key === b.key;
}
