/**
 * A job repository of your own: everything that a store has to do, over a Map. Core decides what is legal and what
 * matches; the store reads, writes, and keeps its hands off what it was given. The conformance kit says if it is right.
 */
import { deepStrictEqual } from "node:assert";
import { type Case, jobRepositoryCases, runCase } from "@jobq/conformance";
import {
  applyUnit,
  headOf,
  heldKey,
  type Job,
  type JobHead,
  type JobId,
  type JobQuery,
  JobqError,
  type JobRepository,
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
  #closed = false;

  async commit(units: readonly Unit[]): Promise<UnitOutcome[]> {
    this.#assertOpen();
    return units.map((unit) => {
      const lookup = { job: (id: JobId) => this.#jobs.get(id), holder: (unique: string) => this.#holder(unique) };
      const { outcome, writes, notes } = applyUnit(unit, lookup);
      for (const { before, after } of writes) {
        if (after) this.#jobs.set(after.id, structuredClone(after));
        else this.#forget(before.id);
      }
      for (const note of notes) this.#keep(note);
      return structuredClone(outcome);
    });
  }

  async get(ids: readonly JobId[]): Promise<(Job | undefined)[]> {
    this.#assertOpen();
    return ids.map((id) => structuredClone(this.#jobs.get(id)));
  }

  async find(query: JobQuery): Promise<JobHead[]> {
    const found = this.#inOrder().filter((job) => matches(query, job));
    return found.slice(0, query.limit).map((job) => structuredClone(headOf(job)));
  }

  async nextLeaseEndAt(): Promise<number | undefined> {
    const ends = this.#inOrder().flatMap(({ leaseUntil }) => leaseUntil ?? []);
    return ends.length === 0 ? undefined : Math.min(...ends);
  }

  async tally(): Promise<Tally[]> {
    const tallies = new Map<string, Tally>();
    for (const { topic, state } of this.#inOrder()) {
      const key = `${state} ${topic}`;
      tallies.set(key, { topic, state, count: (tallies.get(key)?.count ?? 0) + 1 });
    }
    return [...tallies.values()];
  }

  async notes(id: JobId, kind: NoteKind): Promise<Note[]> {
    this.#assertOpen();
    const notes = [...(this.#notes.get(id)?.values() ?? [])].filter((note) => note.kind === kind);
    return notes.sort((a, b) => (a.key < b.key ? -1 : 1)).map((note) => ({ ...note }));
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  #holder(unique: string): JobId | undefined {
    for (const job of this.#jobs.values()) if (heldKey(job) === unique) return job.id;
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
