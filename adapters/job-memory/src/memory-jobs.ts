import {
  applyChange,
  type Capabilities,
  type Change,
  type Clock,
  checkOptions,
  checkUnits,
  copyHead,
  copyJob,
  createSystemClock,
  type Draft,
  isPurgeable,
  isRefusal,
  type Job,
  type JobHead,
  type JobId,
  type JobQuery,
  JobqError,
  type JobRepository,
  type JobState,
  type LimitSlots,
  matches,
  type Note,
  type NoteKind,
  type NoteRef,
  type Refusal,
  SortedList,
  type Tally,
  type Timestamp,
  transition,
  type Unit,
  type UnitOutcome,
} from "@jobq/core";
import { JobCounts } from "./job-counts.ts";
import type { MemoryInternals, Moved } from "./memory-internals.ts";
import { SpecialJobs } from "./special-jobs.ts";

/** Not frozen: the engine would treat it as another kind of array, and every loop that meets both as slow. */
const NONE: readonly never[] = [];

/** So many jobs that are not reserved any more may always stay among those that are. */
const SPARE = 1000;

/** The options of {@link memoryJobs}. */
export interface MemoryJobsOptions {
  /** The clock of the store; by default that of the process. */
  readonly clock?: Clock | undefined;
}

/**
 * Creates a job repository in memory, for one process, also in browsers and edge runtimes. The jobs are lost when the
 * process ends.
 * @throws {TypeError} an unknown option
 */
export function memoryJobs(options: MemoryJobsOptions = {}): JobRepository {
  checkOptions(options, { clock: true });
  return new MemoryJobs(options.clock ?? createSystemClock());
}

class MemoryJobs implements JobRepository {
  readonly capabilities: Capabilities = { durable: false, shared: false };
  readonly clock: Clock;
  /** For topics in the same process, which may follow the jobs themselves. */
  readonly internals: MemoryInternals = {
    repository: this,
    follow: (moved) => {
      this.#followers.push(moved);
      for (const job of this.#jobs.from()) moved(job, undefined, undefined);
    },
    change: (job, asked, now) => {
      this.#assertOpen();
      return this.#change(job, asked, now);
    },
    insert: (job) => {
      this.#assertOpen();
      return this.#insert(job);
    },
  };
  /** A job is the same object for as long as it is stored; one that was removed looks ended to those who still have it. */
  readonly #jobs = new SortedList<{ readonly id: JobId }, Job>((a, b) => a.id < b.id);
  /** Every one that is reserved, some maybe twice, and some that have been; swept now and then. */
  #reserved: Job[] = [];
  #reservedCount = 0;
  readonly #special = new SpecialJobs();
  readonly #notes = new Map<JobId, Map<string, Note>>();
  readonly #counts = new JobCounts();
  readonly #followers: Moved[] = [];
  #closed = false;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  async commit(units: readonly Unit[]): Promise<UnitOutcome[]> {
    this.#assertOpen();
    checkUnits(units);
    return units.map((unit) => {
      const outcome = this.#store(unit.insert ? { ...unit, insert: unit.insert.map(copyJob) } : unit);
      return outcome.ok ? { ...outcome, changed: outcome.changed.map(copyJob) } : outcome;
    });
  }

  async get(ids: readonly JobId[]): Promise<(Job | undefined)[]> {
    this.#assertOpen();
    return ids.map((id) => {
      const job = this.#find(id);
      return job && copyJob(job);
    });
  }

  async find(query: JobQuery): Promise<JobHead[]> {
    this.#assertOpen();
    const { order, limit } = query;
    const candidates = this.#candidates(query);
    const found: JobHead[] = [];
    for (const job of order === "newest" ? [...candidates].reverse() : candidates) {
      if (found.length >= limit) break;
      if (matches(query, job)) found.push(copyHead(job));
    }
    return found;
  }

  async slots(limitKeys: readonly string[], count: number): Promise<LimitSlots[]> {
    this.#assertOpen();
    return limitKeys.map((key) => {
      const waiting: JobHead[] = [];
      for (const job of this.#special.waitingForSlot(key)) {
        if (waiting.length >= count) break;
        waiting.push(copyHead(job));
      }
      return { held: this.#special.heldSlots(key), waiting };
    });
  }

  async nextLeaseEndAt(): Promise<Timestamp | undefined> {
    this.#assertOpen();
    let next = Infinity;
    for (const { leaseUntil = next } of this.#sweep()) if (leaseUntil < next) next = leaseUntil;
    return next === Infinity ? undefined : next;
  }

  async tally(group?: string): Promise<Tally[]> {
    this.#assertOpen();
    if (group === undefined) return this.#counts.all();
    const ofGroup = new JobCounts();
    for (const { topic, state } of this.#special.candidates({ group, limit: 1 }) ?? NONE) {
      ofGroup.move(topic, undefined, state);
    }
    return ofGroup.all();
  }

  async notes(id: JobId, kind?: NoteKind): Promise<Note[]> {
    this.#assertOpen();
    const notes = [...(this.#notes.get(id)?.values() ?? [])].filter((note) => !kind || note.kind === kind);
    const comesBefore = (a: Note, b: Note): boolean => (a.kind === b.kind ? a.key < b.key : a.kind < b.kind);
    return notes.sort((a, b) => (comesBefore(a, b) ? -1 : 1)).map((note) => ({ ...note }));
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  /**
   * Takes the steps of a unit one after the other, on the stored jobs themselves, and takes them back when one is
   * refused. The jobs that go in are the store's from then on, and those that come out of a single step still are.
   */
  #store(unit: Unit): UnitOutcome {
    const { insert = NONE, apply = NONE, note = NONE, forget = NONE, remove = NONE, purge = NONE, now } = unit;
    const guards = apply.length + note.length;
    const steps = guards + insert.length + remove.length + purge.length;
    /** Takes back what was done before a guard; where there is nothing of the sort there is no need of it. */
    const undo: (() => void)[] | undefined = guards > 0 && steps > 1 ? [] : undefined;
    const refuse = (code: Refusal["code"], id: JobId, job?: Job, holder?: JobId): Refusal => {
      const refusal: Refusal = { ok: false, code, id, job: job && copyJob(job), ...(holder && { holder }) };
      for (const step of undo?.reverse() ?? NONE) step();
      return refusal;
    };
    const inserted: JobId[] = [];
    const leftOut: JobId[] = [];
    const changed: Job[] = [];
    for (const job of insert) {
      const standIn = this.#insert(job);
      inserted.push(standIn.id);
      if (standIn === job) undo?.push(() => this.#remove(job));
      else if (standIn.id !== job.id || !insert.includes(standIn)) leftOut.push(job.id);
    }
    for (const asked of apply) {
      const job = this.#find(asked.id);
      if (!job) return refuse("JOB_NOT_FOUND", asked.id);
      const before = undo && copyJob(job);
      const code = this.#change(job, asked, now);
      if (code) return refuse(code, asked.id, job, this.#contender(job, asked, now)?.id);
      if (before) undo.push(() => this.#restore(job, before));
      changed.push(undo ? copyJob(job) : job);
    }
    for (const { id } of note) if (!this.#find(id)) return refuse("JOB_NOT_FOUND", id);
    for (const one of note) this.#keep(one);
    for (const one of forget) this.#drop(one);
    const removed = remove.filter((id) => this.#forget(id)).concat(purge.filter((id) => this.#forget(id, true)));
    return { ok: true, inserted, leftOut, changed, removed };
  }

  /** Stores the job, unless its id is there or its unique key or slot is held; returns the job that stands for it. */
  #insert(job: Job): Job {
    const holder = this.#special.holderOf(job);
    if (holder) return this.#find(job.id) ?? holder;
    const standIn = this.#jobs.add(job);
    if (standIn !== job) return standIn;
    this.#special.enter(job);
    this.#moved(job, undefined, undefined, job.state);
    return job;
  }

  /** Changes a stored job, or says why that is refused. */
  #change(job: Job, asked: Change, now: Timestamp): Refusal["code"] | undefined {
    const { state, runAt } = job;
    if (this.#contender(job, asked, now)) return "DUPLICATE_JOB";
    this.#special.leave(job);
    const code = applyChange(job, asked, now);
    this.#special.enter(job);
    if (code) return code;
    if (job.progress || job.blockers) Object.assign(job, copyJob(job));
    this.#moved(job, state, runAt, job.state);
    return undefined;
  }

  /** Who holds what the job would take: a reset takes its unique key again, an admission a slot. */
  #contender(job: Job, asked: Change, now: Timestamp): Job | undefined {
    if (asked.type !== "reset" && asked.type !== "admit") return undefined;
    const after = transition(job, asked, now);
    return isRefusal(after) ? undefined : this.#special.holderOf(after, job);
  }

  #restore(job: Job, before: Job): void {
    const { state, runAt } = job;
    this.#special.leave(job);
    Object.assign(job, { ...absentIn(before, job), ...before });
    this.#special.enter(job);
    this.#moved(job, state, runAt, job.state);
  }

  #keep(note: Note): void {
    const kept = this.#notes.get(note.id) ?? new Map<string, Note>();
    this.#notes.set(note.id, kept.set(`${note.kind}/${note.key}`, { ...note }));
  }

  #drop({ id, kind, key }: NoteRef): void {
    this.#notes.get(id)?.delete(`${kind}/${key}`);
  }

  /** False when it is not there, or may not be purged though it is to be. */
  #forget(id: JobId, purging = false): boolean {
    const job = this.#find(id);
    if (!job || (purging && !isPurgeable(job))) return false;
    this.#remove(job);
    return true;
  }

  #remove(job: Draft): void {
    const { id, state, runAt } = job;
    this.#jobs.delete(job);
    this.#notes.delete(id);
    this.#special.leave(job as Job, true);
    job.state = "canceled";
    this.#moved(job as Job, state, runAt, undefined);
  }

  /** Keeps everything in step that follows states; undefined is the state of a job that is not there. */
  #moved(job: Job, from: JobState | undefined, runAt: Timestamp | undefined, to: JobState | undefined): void {
    this.#counts.move(job.topic, from, to);
    if (from !== to && (from === "reserved" || to === "reserved")) {
      if (to === "reserved") this.#reserved.push(job);
      this.#reservedCount += to === "reserved" ? 1 : -1;
      if (this.#reserved.length > 2 * this.#reservedCount + SPARE) this.#sweep();
    }
    for (const moved of this.#followers) moved(job, from, runAt);
  }

  /** What can match the query, by id. */
  #candidates(query: JobQuery): Iterable<Job> {
    const { after: id = "", leaseEndsBy, reservedBefore } = query;
    const reservedOnly = leaseEndsBy !== undefined || reservedBefore !== undefined || query.state === "reserved";
    return this.#special.candidates(query) ?? (reservedOnly ? this.#sweep() : this.#jobs.from({ id }));
  }

  #find(id: JobId): Job | undefined {
    return this.#jobs.find({ id });
  }

  /** The reserved jobs, each once, by id. */
  #sweep(): Job[] {
    const reserved = new Set(this.#reserved.filter(({ state }) => state === "reserved"));
    this.#reserved = [...reserved].sort((a, b) => (a.id < b.id ? -1 : 1));
    return this.#reserved;
  }

  #assertOpen(): void {
    if (this.#closed) throw new JobqError("CLOSED", "the store is closed");
  }
}

/** The fields that only few jobs have, and that this one has got since: without a value. */
function absentIn(before: Job, job: Job): Partial<Record<string, undefined>> {
  const fields = Object.keys(job).filter((field) => !Object.hasOwn(before, field));
  return Object.fromEntries(fields.map((field) => [field, undefined]));
}
