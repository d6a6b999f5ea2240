import {
  type AppliedUnit,
  applyUnit,
  type Clock,
  checkNumbers,
  checkUnits,
  compareEntries,
  Damage,
  heldKey,
  heldSlot,
  isRefusal,
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
  type NoteRef,
  neededIds,
  type OnDamage,
  storedInserts,
  systemClock,
  type Tally,
  type Timestamp,
  type Unit,
  type UnitOutcome,
  type UnitStored,
  type Write,
} from "@jobq/core";
import { headOf, WriteFaults } from "../../src/index.ts";

/** What handles on one store share. */
export class JobData {
  readonly jobs = new Map<JobId, Job>();
  readonly notes = new Map<string, Note>();
  /** What cannot be read any more. */
  readonly damaged = new Map<JobId, Job>();
  readonly listeners = new Set<readonly [JobRepository, (ids: readonly JobId[] | undefined) => void]>();
  /** Each tells what an open transaction has changed: ids of jobs, and keys. */
  readonly locks = new Set<() => ReadonlySet<string>>();
  readonly faults: WriteFaults;

  constructor(faults = new WriteFaults()) {
    this.faults = faults;
  }
}

/** A job repository with nothing clever in it: right, slow, and easy to break in one place at a time. */
export class ReferenceJobs implements JobRepository {
  readonly capabilities = { durable: true, shared: true, rowLocks: true };
  readonly clock: Clock = systemClock;
  readonly data: JobData;
  readonly damage = new Damage();

  constructor(data = new JobData()) {
    this.data = data;
  }

  async commit(units: readonly Unit[]): Promise<UnitOutcome[]> {
    this.check(units);
    const locked = new Set([...this.data.locks].flatMap((names) => [...names()]));
    const outcomes = units.map((unit) => this.lockedBy(unit, locked) ?? this.store(this.passing(unit, locked)));
    const ids = outcomes.flatMap((outcome) =>
      outcome.ok ? [...outcome.inserted, ...outcome.changed.map(({ id }) => id), ...outcome.removed] : [],
    );
    for (const [owner, listener] of this.data.listeners) if (owner !== this) listener(ids);
    return outcomes;
  }

  onChange(listener: (ids: readonly JobId[] | undefined) => void): () => void {
    const one = [this, listener] as const;
    this.data.listeners.add(one);
    return () => this.data.listeners.delete(one);
  }

  async get(ids: readonly JobId[]): Promise<(Job | undefined)[]> {
    for (const id of ids) if (this.data.damaged.has(id)) this.meet(id);
    return ids.map((id) => this.data.jobs.get(id)).map((job) => job && this.copy(job));
  }

  async find(query: JobQuery): Promise<JobHead[]> {
    for (const id of this.data.damaged.keys()) this.meet(id);
    return this.select(query).map((job) => this.copy(this.headOf(job)));
  }

  async nextLeaseEndAt(): Promise<Timestamp | undefined> {
    return this.leaseEnds().sort((a, b) => a - b)[0];
  }

  async slots(limitKeys: readonly string[], count: number): Promise<LimitSlots[]> {
    return limitKeys.map((key) => this.slotsOf(key, count));
  }

  slotsOf(limitKey: string, count: number): LimitSlots {
    const waiting = this.select({ limitKey, slot: "awaited", limit: Infinity }).sort(compareEntries);
    return {
      held: this.heldSlots(limitKey),
      waiting: waiting.slice(0, count).map((job) => this.copy(this.headOf(job))),
    };
  }

  heldSlots(limitKey: string): number[] {
    return this.select({ limitKey, slot: "held", limit: Infinity }).flatMap(({ slot }) => slot ?? []);
  }

  async tally(group?: string): Promise<Tally[]> {
    const tally = new Map<string, Tally>();
    for (const job of this.data.jobs.values()) {
      if (group !== undefined && job.group !== group) continue;
      const { topic, state } = job;
      const key = this.tallyKey(job);
      tally.set(key, { topic, state, count: (tally.get(key)?.count ?? 0) + 1 });
    }
    return [...tally.values()];
  }

  async notes(id: JobId, kind?: NoteKind): Promise<Note[]> {
    const notes = [...this.data.notes.values()].filter((note) => note.id === id && (!kind || note.kind === kind));
    return this.sort(notes).map((note) => this.copy(note));
  }

  async close(): Promise<void> {}

  onDamage(listener: OnDamage): () => void {
    return this.damage.add(listener);
  }

  /** A job was met that cannot be read. */
  meet(id: JobId): void {
    this.damage.report(new JobqError("STORE_FAILED", "cannot be read", { details: { key: id } }));
  }

  /** Of what cannot be read nothing is left when another job is stored in its place. */
  replace(unit: Unit, outcome: UnitStored): void {
    for (const { id } of storedInserts(unit, outcome)) if (this.data.damaged.delete(id)) this.forget(id);
  }

  /** Removes what cannot be read. */
  wipe({ remove = [] }: Unit, outcome: UnitOutcome): UnitOutcome {
    const wiped = remove.filter((id) => this.data.damaged.delete(id));
    for (const id of wiped) this.forget(id);
    return outcome.ok ? { ...outcome, removed: [...outcome.removed, ...wiped] } : outcome;
  }

  check(units: readonly Unit[]): void {
    checkUnits(units);
    checkNumbers(units);
  }

  /** Why the unit is not stored for now; those after it that share a job with it are not either. */
  lockedBy(unit: Unit, locked: Set<string>): UnitOutcome | undefined {
    const keys = (unit.insert ?? []).flatMap((job) => heldKey(job) ?? []);
    const id = [...neededIds(unit), ...keys.map((key) => `key ${key}`)].find((name) => locked.has(name));
    if (id === undefined) return undefined;
    for (const named of neededIds(unit)) locked.add(named);
    return { ok: false, code: "LOCKED", id };
  }

  /** The unit without the purges of what is locked. */
  passing(unit: Unit, locked: ReadonlySet<string>): Unit {
    return unit.purge ? { ...unit, purge: unit.purge.filter((id) => !locked.has(id)) } : unit;
  }

  store(unit: Unit): UnitOutcome {
    const { outcome, writes, notes, forgotten } = this.work(unit);
    if (isRefusal(outcome)) return this.answer(outcome);
    return this.persist(() => {
      this.replace(unit, outcome);
      this.keep(writes, notes);
      for (const ref of forgotten) this.data.notes.delete(this.noteKey(ref));
      return this.wipe(unit, this.answer(outcome));
    });
  }

  /** Makes a write. */
  persist<T>(make: () => T): T {
    try {
      return this.data.faults.write(make);
    } catch (cause) {
      throw new JobqError("STORE_FAILED", "a write failed", { cause });
    }
  }

  work(unit: Unit, lookup: Lookup<Job> = this.lookup()): AppliedUnit<Job> {
    return applyUnit(unit, lookup);
  }

  lookup(): Lookup<Job> {
    return {
      job: (id) => this.data.jobs.get(id),
      holder: (unique) => this.holder(unique),
      slotHolder: (slot) => this.slotHolder(slot),
    };
  }

  slotHolder(slot: string): JobId | undefined {
    for (const job of this.data.jobs.values()) if (heldSlot(job) === slot) return job.id;
    return undefined;
  }

  holder(unique: string): JobId | undefined {
    for (const job of this.data.jobs.values()) if (heldKey(job) === unique) return job.id;
    return undefined;
  }

  keep(writes: readonly Write<Job>[], notes: readonly Note[]): void {
    for (const write of writes) this.write(write);
    for (const note of notes) this.note(note);
  }

  write({ before, after }: Write<Job>): void {
    if (after) this.data.jobs.set(after.id, this.copy(after));
    else if (before) this.forget(before.id);
  }

  forget(id: JobId): void {
    this.data.jobs.delete(id);
    for (const [key, note] of this.data.notes) if (note.id === id) this.data.notes.delete(key);
  }

  note(note: Note): void {
    this.data.notes.set(this.noteKey(note), this.copy(note));
  }

  noteKey({ id, kind, key }: NoteRef): string {
    return JSON.stringify([id, kind, key]);
  }

  sort(notes: Note[]): Note[] {
    return notes.sort((a, b) => ((a.kind === b.kind ? a.key < b.key : a.kind < b.kind) ? -1 : 1));
  }

  select(query: JobQuery): Job[] {
    const found = this.inOrder().filter((job) => this.matches(query, job));
    return (query.order === "newest" ? found.reverse() : found).slice(0, query.limit);
  }

  matches(query: JobQuery, job: Job): boolean {
    return matches(query, job);
  }

  inOrder(): Job[] {
    return [...this.data.jobs.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  leaseEnds(): Timestamp[] {
    return [...this.data.jobs.values()].flatMap(({ leaseUntil }) => leaseUntil ?? []);
  }

  tallyKey({ topic, state }: JobHead): string {
    return JSON.stringify([topic, state]);
  }

  headOf(job: Job): JobHead {
    return headOf(job);
  }

  answer(outcome: UnitOutcome): UnitOutcome {
    return this.copy(outcome);
  }

  /** A copy that shares nothing with the value. */
  copy<T>(value: T): T {
    if (Array.isArray(value)) return value.map((item) => this.copy(item)) as T;
    if (typeof value !== "object" || value === null) return value;
    const copy = { ...value } as Record<string, unknown>;
    for (const key of Object.keys(copy)) if (typeof copy[key] === "object") copy[key] = this.copy(copy[key]);
    return copy as T;
  }
}
