import {
  applyUnit,
  type Capabilities,
  type Change,
  type Clock,
  change,
  copyJob,
  headOf,
  isFinal,
  type Job,
  type JobHead,
  type JobId,
  type JobQuery,
  JobqError,
  type JobRepository,
  type JobState,
  matches,
  type Note,
  type NoteKind,
  type Refusal,
  systemClock,
  type Tally,
  type Timestamp,
  type Unit,
  type UnitOutcome,
  type Write,
} from "@jobq/core";
import type { MemoryDesk, Moved } from "./memory-desk.ts";
import { TallyBook } from "./tally-book.ts";

/** Not frozen: the engine would treat it as another kind of array, and every loop that meets both as slow. */
const NONE: readonly never[] = [];

/** So many jobs that are not reserved any more are always put up with. */
const SOME = 100;

/** How to make a {@link memoryJobs}. */
export interface MemoryJobsOptions {
  /** The time its users agree on; by default the process's own. */
  readonly clock?: Clock;
}

/** Jobs in a Map: as fast as it gets, gone with the process. For one process, browsers and edge runtimes included. */
export function memoryJobs(options: MemoryJobsOptions = {}): JobRepository {
  return new MemoryJobs(options.clock ?? systemClock);
}

class MemoryJobs implements JobRepository {
  readonly capabilities: Capabilities = { durable: false, shared: false };
  readonly clock: Clock;
  /** For topics in the same process, which may follow the jobs themselves. */
  readonly desk: MemoryDesk = {
    repository: this,
    follow: (moved) => {
      this.#followers.push(moved);
      for (const job of this.#jobs.values()) moved(job, undefined);
    },
    change: (job, asked, now) => {
      this.#assertOpen();
      return this.#change(job, asked, now);
    },
    commit: (unit) => {
      this.#assertOpen();
      return this.#store(unit);
    },
    copy: copyJob,
  };
  /** In the order of their ids, when `#sorted`; they nearly always arrive that way. */
  #jobs = new Map<JobId, Job>();
  #lastId: JobId = "";
  #sorted = true;
  readonly #holders = new Map<string, JobId>();
  /** Every reserved job, some maybe twice, and some that have been; swept now and then. A Set would be made anew too often. */
  #reserved: Job[] = [];
  #reservedCount = 0;
  /** Where among them the next one may be that is asked for: most are settled in the order they were reserved. */
  #nextAsked = 0;
  readonly #notes = new Map<JobId, Map<string, Note>>();
  readonly #tallies = new TallyBook();
  readonly #followers: Moved[] = [];
  readonly #lookup = {
    job: (id: JobId) => this.#find(id),
    holder: (unique: string) => this.#holders.get(unique),
  };
  #closed = false;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  async commit(units: readonly Unit[]): Promise<UnitOutcome[]> {
    this.#assertOpen();
    return units.map((unit) => {
      const outcome = this.#store(unit.insert ? { ...unit, insert: unit.insert.map(copyJob) } : unit);
      if (outcome.ok) return { ...outcome, changed: outcome.changed.map(copyJob) };
      return outcome.job ? { ...outcome, job: copyJob(outcome.job) } : outcome;
    });
  }

  async get(ids: readonly JobId[]): Promise<(Job | undefined)[]> {
    this.#assertOpen();
    return ids.map((id) => {
      const job = this.#jobs.get(id);
      return job && copyJob(job);
    });
  }

  async find(query: JobQuery): Promise<JobHead[]> {
    this.#assertOpen();
    const found: JobHead[] = [];
    const byId = (a: Job, b: Job) => (a.id < b.id ? -1 : 1);
    for (const job of query.leaseEndsBy === undefined ? this.#inOrder() : this.#sweep().sort(byId)) {
      if (found.length >= query.limit) break;
      if (matches(query, job)) found.push(headOf(copyJob(job)));
    }
    return found;
  }

  async nextLeaseEndAt(): Promise<Timestamp | undefined> {
    this.#assertOpen();
    let next: Timestamp | undefined;
    for (const { leaseUntil } of this.#sweep()) {
      const end = leaseUntil as Timestamp;
      if (next === undefined || end < next) next = end;
    }
    return next;
  }

  async tally(): Promise<Tally[]> {
    this.#assertOpen();
    return this.#tallies.all();
  }

  async notes(id: JobId, kind: NoteKind): Promise<Note[]> {
    this.#assertOpen();
    const notes = [...(this.#notes.get(id)?.values() ?? [])].filter((note) => note.kind === kind);
    return notes.sort((a, b) => (a.key < b.key ? -1 : 1)).map((note) => ({ ...note }));
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  /** The jobs that go in are the store's from then on, and those that come out are so still. */
  #store(unit: Unit): UnitOutcome {
    const { insert = NONE, apply = NONE, note = NONE, remove = NONE, purge = NONE, now } = unit;
    const job: Job | undefined = insert[0];
    const asked: Change | undefined = apply[0];
    if (insert.length + apply.length === 1 && note.length + remove.length + purge.length === 0) {
      if (job && job.unique === undefined) return this.#insert(job);
      if (asked && asked.type !== "reset") return this.#changeOne(asked, now);
    }
    const { outcome, writes, notes } = applyUnit(unit, this.#lookup);
    for (const write of writes) this.#write(write);
    for (const one of notes) {
      const kept = this.#notes.get(one.id) ?? new Map<string, Note>();
      this.#notes.set(one.id, kept.set(`${one.kind}/${one.key}`, { ...one }));
    }
    return outcome;
  }

  /** What nearly every unit is is done without ceremony: one insert that can collide with nothing, */
  #insert(job: Job): UnitOutcome {
    const inserted = [job.id];
    const isThere = job.id <= this.#lastId && this.#jobs.has(job.id);
    if (!isThere) this.#write({ before: undefined, after: job });
    return { ok: true, inserted, leftOut: isThere ? [...inserted] : [], changed: [], removed: [] };
  }

  /** or one change that can collide with nothing, made on the stored job itself. */
  #changeOne(asked: Change, now: Timestamp): UnitOutcome {
    const { id } = asked;
    const job = this.#lookup.job(id);
    if (!job) return { ok: false, code: "JOB_NOT_FOUND", id };
    const code = this.#change(job, asked, now);
    if (code) return { ok: false, code, id, job };
    return { ok: true, inserted: [], leftOut: [], changed: [job], removed: [] };
  }

  /** Changes a stored job, or says why that is refused. */
  #change(job: Job, asked: Change, now: Timestamp): Refusal["code"] | undefined {
    const from = job.state;
    const code = change(job, asked, now);
    if (code) return code;
    if (job.progress || job.blockers) Object.assign(job, copyJob(job));
    this.#move(job, from, job.state);
    return undefined;
  }

  /** A job stays the same object as long as it is stored; one that is removed looks ended to whoever still has it. */
  #write({ before, after }: Write<Job>): void {
    const from = before?.state;
    if (!after) {
      this.#jobs.delete(before.id);
      this.#notes.delete(before.id);
      Object.assign(before, { state: "canceled" });
      this.#move(before, from, undefined);
      return;
    }
    const { id } = after;
    if (id > this.#lastId) this.#lastId = id;
    else if (!before) this.#sorted = false;
    const job: Job = before ? Object.assign(before, copyJob(after)) : after;
    if (!before) this.#jobs.set(id, job);
    this.#move(job, from, job.state);
  }

  /** Keeps everything in step that follows states; undefined is the state of a job that is not there. */
  #move(job: Job, from: JobState | undefined, to: JobState | undefined): void {
    const { id, topic, unique } = job;
    this.#tallies.move(topic, from, to);
    if (from !== to && (from === "reserved" || to === "reserved")) {
      if (to === "reserved") {
        if (this.#reservedCount === 0) this.#nextAsked = this.#reserved.length;
        this.#reserved.push(job);
      }
      this.#reservedCount += to === "reserved" ? 1 : -1;
      if (this.#reserved.length > 2 * this.#reservedCount + SOME) this.#sweep();
    }
    for (const moved of this.#followers) moved(job, from);
    if (unique === undefined) return;
    if (to !== undefined && !isFinal(to)) this.#holders.set(unique, id);
    else if (this.#holders.get(unique) === id) this.#holders.delete(unique);
  }

  /** Spares the look-up by id, which leads all over the memory. */
  #find(id: JobId): Job | undefined {
    const likely = this.#reserved[this.#nextAsked];
    if (likely?.id !== id || likely.state !== "reserved") return this.#jobs.get(id);
    this.#nextAsked++;
    return likely;
  }

  /** The reserved jobs, each once. */
  #sweep(): Job[] {
    this.#nextAsked = 0;
    this.#reserved = [...new Set(this.#reserved)].filter(({ state }) => state === "reserved");
    return this.#reserved;
  }

  #inOrder(): Iterable<Job> {
    if (!this.#sorted) this.#jobs = new Map([...this.#jobs].sort(([a], [b]) => (a < b ? -1 : 1)));
    this.#sorted = true;
    return this.#jobs.values();
  }

  #assertOpen(): void {
    if (this.#closed) throw new JobqError("CLOSED", "the store is closed");
  }
}
