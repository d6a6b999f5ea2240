/**
 * A job repository of your own: everything that a store has to do, over a Map. Core decides what is legal and what
 * matches; the store reads, writes, and keeps its hands off what it was given. The conformance kit says if it is right.
 */
import { deepStrictEqual } from "node:assert";
import { type Case, jobRepositoryCases, runCase } from "@jobq/conformance";
import {
  applyUnit,
  checkUnits,
  compareEntries,
  copyHead,
  heldKey,
  heldSlot,
  type Job,
  type JobHead,
  type JobId,
  type JobQuery,
  JobqError,
  type JobRepository,
  type LimitSlots,
  type Lookup,
  matches,
  type Note,
  type NoteKind,
  systemClock,
  type Tally,
  type Unit,
  type UnitOutcome,
} from "@jobq/core";

export class MapJobs implements JobRepository {
  readonly capabilities = { durable: false, shared: false };
  readonly clock = systemClock;
  readonly #jobs = new Map<JobId, Job>();
  readonly #notes = new Map<JobId, Map<string, Note>>();
  readonly #lookup: Lookup<Job> = {
    job: (id) => this.#jobs.get(id),
    holder: (unique) => this.#holder((job) => heldKey(job) === unique),
    slotHolder: (slot) => this.#holder((job) => heldSlot(job) === slot),
  };
  #closed = false;

  async commit(units: readonly Unit[]): Promise<UnitOutcome[]> {
    this.#assertOpen();
    checkUnits(units);
    return units.map((unit) => {
      const { outcome, writes, notes, forgotten } = applyUnit(unit, this.#lookup);
      for (const { before, after } of writes) {
        if (after) this.#jobs.set(after.id, structuredClone(after));
        else this.#forget(before.id);
      }
      for (const note of notes) this.#keep(note);
      for (const { id, kind, key } of forgotten) this.#notes.get(id)?.delete(`${kind} ${key}`);
      return structuredClone(outcome);
    });
  }

  async get(ids: readonly JobId[]): Promise<(Job | undefined)[]> {
    this.#assertOpen();
    return ids.map((id) => structuredClone(this.#jobs.get(id)));
  }

  async find(query: JobQuery): Promise<JobHead[]> {
    const found = this.#inOrder().filter((job) => matches(query, job));
    if (query.order === "newest") found.reverse();
    return found.slice(0, query.limit).map(copyHead);
  }

  async nextLeaseEndAt(): Promise<number | undefined> {
    const ends = this.#inOrder().flatMap(({ leaseUntil }) => leaseUntil ?? []);
    return ends.length === 0 ? undefined : Math.min(...ends);
  }

  async slots(limitKeys: readonly string[], count: number): Promise<LimitSlots[]> {
    const ofLimit = async (limitKey: string): Promise<LimitSlots> => {
      const held = await this.find({ limitKey, slot: "held", limit: Infinity });
      const waiting = await this.find({ limitKey, slot: "awaited", limit: Infinity });
      return { held: held.flatMap(({ slot }) => slot ?? []), waiting: waiting.sort(compareEntries).slice(0, count) };
    };
    return Promise.all(limitKeys.map(ofLimit));
  }

  async tally(group?: string): Promise<Tally[]> {
    const tallies = new Map<string, Tally>();
    for (const { topic, state, group: own } of this.#inOrder()) {
      if (group !== undefined && own !== group) continue;
      const key = `${state} ${topic}`;
      tallies.set(key, { topic, state, count: (tallies.get(key)?.count ?? 0) + 1 });
    }
    return [...tallies.values()];
  }

  async notes(id: JobId, kind?: NoteKind): Promise<Note[]> {
    this.#assertOpen();
    const notes = [...(this.#notes.get(id)?.values() ?? [])].filter((note) => !kind || note.kind === kind);
    const comesFirst = (a: Note, b: Note): boolean => (a.kind === b.kind ? a.key < b.key : a.kind < b.kind);
    return notes.sort((a, b) => (comesFirst(a, b) ? -1 : 1)).map((note) => ({ ...note }));
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  #holder(holds: (job: Job) => boolean): JobId | undefined {
    for (const job of this.#jobs.values()) if (holds(job)) return job.id;
    return undefined;
  }

  #inOrder(): Job[] {
    this.#assertOpen();
    return [...this.#jobs.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  #forget(id: JobId): void {
    this.#jobs.delete(id);
    this.#notes.delete(id);
  }

  #keep(note: Note): void {
    const notes = this.#notes.get(note.id) ?? new Map<string, Note>();
    this.#notes.set(note.id, notes.set(`${note.kind} ${note.key}`, { ...note }));
  }

  #assertOpen(): void {
    if (this.#closed) throw new JobqError("CLOSED", "the job repository is closed");
  }
}

// In a test file this is one line: jobRepositorySuite({ describe, it }, harness), with those of Vitest or node:test.
const harness = { name: "map", open: async () => ({ store: new MapJobs() }) };
const faults: string[] = [];
for (const one of jobRepositoryCases as readonly Case<JobRepository>[]) {
  await runCase(one, harness).catch((fault: Error) => faults.push(`${one.id} ${one.title}: ${fault.message}`));
}
deepStrictEqual(faults, []);
console.log("The kit finds nothing wrong with it.");
