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
  systemClock,
  type Tally,
  type Timestamp,
  type Unit,
  type UnitOutcome,
  type Write,
} from "@jobq/core";
import { TallyBook } from "./tally-book.ts";

/** Not frozen: the engine would treat it as another kind of array, and every loop that meets both as slow. */
const NONE: readonly never[] = [];

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
  /** In the order of their ids, when `#sorted`; they nearly always arrive that way. */
  #jobs = new Map<JobId, Job>();
  #lastId: JobId = "";
  #sorted = true;
  readonly #holders = new Map<string, JobId>();
  readonly #reserved = new Set<JobId>();
  readonly #notes = new Map<JobId, Map<string, Note>>();
  readonly #tallies = new TallyBook();
  readonly #lookup = {
    job: (id: JobId) => this.#jobs.get(id),
    holder: (unique: string) => this.#holders.get(unique),
  };
  #closed = false;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  async commit(units: readonly Unit[]): Promise<UnitOutcome[]> {
    this.#assertOpen();
    return units.map((unit) => this.#store(unit));
  }

  async get(ids: readonly JobId[]): Promise<(Job | undefined)[]> {
    this.#assertOpen();
    return ids.map((id) => {
      const job = this.#jobs.get(id);
      return job && detached(job);
    });
  }

  async find(query: JobQuery): Promise<JobHead[]> {
    this.#assertOpen();
    const found: JobHead[] = [];
    for (const job of query.leaseEndsBy === undefined
      ? this.#inOrder()
      : [...this.#reserved].sort().map((id) => this.#jobs.get(id) as Job)) {
      if (found.length >= query.limit) break;
      if (matches(query, job)) found.push(detached(headOf(job)));
    }
    return found;
  }

  async nextLeaseEndAt(): Promise<Timestamp | undefined> {
    this.#assertOpen();
    let next: Timestamp | undefined;
    for (const id of this.#reserved) {
      const end = this.#jobs.get(id)?.leaseUntil as Timestamp;
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

  #store(unit: Unit): UnitOutcome {
    const { insert = NONE, apply = NONE, note = NONE, remove = NONE, now } = unit;
    const job: Job | undefined = insert[0];
    const asked: Change | undefined = apply[0];
    if (insert.length + apply.length === 1 && note.length + remove.length === 0) {
      if (job && job.unique === undefined) return this.#insert(job);
      if (asked && asked.type !== "reset") return this.#change(asked, now);
    }
    const { outcome, writes, notes } = applyUnit(unit, this.#lookup);
    for (const write of writes) this.#write(write);
    for (const one of notes) {
      const kept = this.#notes.get(one.id) ?? new Map<string, Note>();
      this.#notes.set(one.id, kept.set(`${one.kind}/${one.key}`, { ...one }));
    }
    return !outcome.ok && outcome.job ? { ...outcome, job: detached(outcome.job) } : outcome;
  }

  /** What nearly every unit is is done without ceremony: one insert that can collide with nothing, */
  #insert(job: Job): UnitOutcome {
    const inserted = [job.id];
    const isThere = this.#jobs.has(job.id);
    if (!isThere) this.#write({ before: undefined, after: job });
    return { ok: true, inserted, leftOut: isThere ? inserted : [], changed: [], removed: [] };
  }

  /** or one change that can collide with nothing, made on the stored job itself. */
  #change(asked: Change, now: Timestamp): UnitOutcome {
    const { id } = asked;
    const job = this.#jobs.get(id);
    if (!job) return { ok: false, code: "JOB_NOT_FOUND", id };
    const from = job.state;
    const code = change(job, asked, now);
    const after = detached(job);
    if (code) return { ok: false, code, id, job: after };
    if (job.progress || job.blockers) this.#jobs.set(id, detached(job));
    this.#move(job, from, job.state);
    return { ok: true, inserted: [], leftOut: [], changed: [after], removed: [] };
  }

  #write({ before, after }: Write<Job>): void {
    const { id } = after ?? before;
    this.#move(after ?? before, before?.state, after?.state);
    if (!after) {
      this.#jobs.delete(id);
      this.#notes.delete(id);
      return;
    }
    if (id > this.#lastId) this.#lastId = id;
    else if (!before) this.#sorted = false;
    this.#jobs.set(id, detached(after));
  }

  /** Keeps counts, unique keys and the set of reserved jobs in step; undefined is the state of a job that is not there. */
  #move({ id, topic, unique }: Job, from: JobState | undefined, to: JobState | undefined): void {
    this.#tallies.move(topic, from, to);
    if (from === "reserved") this.#reserved.delete(id);
    if (to === "reserved") this.#reserved.add(id);
    if (unique === undefined) return;
    if (to !== undefined && !isFinal(to)) this.#holders.set(unique, id);
    else if (this.#holders.get(unique) === id) this.#holders.delete(unique);
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

/** A copy that shares nothing changeable. */
function detached<J extends JobHead>(job: J): J {
  const { tags, blockers, progress } = job;
  if (!tags && !blockers && !progress) return copyJob(job);
  return {
    ...job,
    tags: tags && { ...tags },
    blockers: blockers && [...blockers],
    progress: progress && { ...progress },
  };
}
