import {
  heldKey,
  type Job,
  type JobHead,
  type JobId,
  type JobQuery,
  type JobRepository,
  type Note,
  type Tally,
  type Unit,
  type UnitOutcome,
  type Write,
} from "@jobq/core";
import { JobData, ReferenceJobs } from "../reference/reference-jobs.ts";
import type { JobMutant } from "./mutant.ts";

const tick = (): Promise<void> => Promise.resolve();

/** Jobs stored as the mutant says. */
const storing = (change: (job: Job) => Job): JobMutant =>
  class extends ReferenceJobs {
    override write({ before, after }: Write<Job>): void {
      if (after) super.write({ before, after: change(after) });
      else if (before) super.write({ before, after });
    }
  };

/** Text stored as the mutant says: payload, result and error. */
const texts = (change: (text: string) => string): JobMutant =>
  storing(({ payload, result, error, ...job }) => ({
    ...job,
    payload: change(payload),
    result: result === undefined ? result : change(result),
    error: error === undefined ? error : change(error),
  }));

/** Opened again or a second time, the store is something else. */
const reopened = (change: (data: JobData) => void): JobMutant =>
  class extends ReferenceJobs {
    constructor(data = new JobData()) {
      if (data.jobs.size > 0) change(data);
      super(data);
    }
  };

/** Faults with unusual data, sharing, concurrency and opening again. */
export const jobDataMutants: Readonly<Record<string, JobMutant>> = {
  "keeps what was passed in": class extends ReferenceJobs {
    override write({ before, after }: Write<Job>): void {
      if (after) this.data.jobs.set(after.id, after);
      else if (before) this.forget(before.id);
    }
  },
  "keeps the notes that were passed in": class extends ReferenceJobs {
    override note(note: Note): void {
      this.data.notes.set(this.noteKey(note), note);
    }
  },
  "hands its own jobs out of get": class extends ReferenceJobs {
    override async get(ids: readonly JobId[]): Promise<(Job | undefined)[]> {
      return ids.map((id) => this.data.jobs.get(id));
    }
  },
  "hands parts of its own jobs out of find": class extends ReferenceJobs {
    override async find(query: JobQuery): Promise<JobHead[]> {
      return this.select(query).map((job) => this.headOf(job));
    }
  },
  "hands its own jobs out of commit": class extends ReferenceJobs {
    override write({ before, after }: Write<Job>): void {
      if (after) this.data.jobs.set(after.id, after);
      else if (before) this.forget(before.id);
    }
    override store(unit: Unit): UnitOutcome {
      return super.store(this.copy(unit));
    }
    override answer(outcome: UnitOutcome): UnitOutcome {
      return outcome;
    }
  },
  "hands its own notes out": class extends ReferenceJobs {
    override async notes(id: JobId, kind: Note["kind"]): Promise<Note[]> {
      return this.sort([...this.data.notes.values()].filter((note) => note.id === id && note.kind === kind));
    }
  },
  "hands its own tally out": class extends ReferenceJobs {
    readonly #tally: Tally[] = [];
    override async tally(): Promise<Tally[]> {
      if (this.#tally.length === 0) this.#tally.push(...(await super.tally()));
      return this.#tally;
    }
  },
  "writes into what it is given": class extends ReferenceJobs {
    override async commit(units: readonly Unit[]): Promise<UnitOutcome[]> {
      for (const unit of units) for (const job of unit.insert ?? []) Object.assign(job, { payload: job.payload });
      return super.commit(units);
    }
  },
  "trims text": texts((text) => text.trim()),
  "turns empty text into null": texts((text) => text || "null"),
  "keeps 65,535 characters of text": texts((text) => text.slice(0, 65_535)),
  "keeps text in Latin-1": texts((text) => [...text].map((char) => (char > "\u00ff" ? "?" : char)).join("")),
  "keeps three bytes of a character": texts((text) => [...text].map((char) => (char.length > 1 ? "?" : char)).join("")),
  "drops control characters": texts((text) =>
    [...text].filter((char) => char >= " " || char === "\n" || char === "\t").join(""),
  ),
  "keeps 64 tags": storing(({ tags, ...job }) => ({
    ...job,
    tags: tags && Object.fromEntries(Object.entries(tags).slice(0, 64)),
  })),
  "keeps 255 blockers": storing(({ blockers, ...job }) => ({ ...job, blockers: blockers?.slice(0, 255) })),
  "keeps weights in a byte": storing((job) => ({ ...job, weight: Math.max(-128, Math.min(127, job.weight)) })),
  "keeps durations in 32 bits": storing((job) => ({ ...job, timeoutMs: Math.min(job.timeoutMs, 2 ** 31 - 1) })),
  "keeps progress in 32 bits": storing((job) => ({
    ...job,
    progress: job.progress && { ...job.progress, value: Math.fround(job.progress.value) },
  })),
  "keeps 65,535 characters of a note": class extends ReferenceJobs {
    override note(note: Note): void {
      super.note({ ...note, value: note.value.slice(0, 65_535) });
    }
  },
  "reads, waits and writes": class extends ReferenceJobs {
    override async commit(units: readonly Unit[]): Promise<UnitOutcome[]> {
      const outcomes: UnitOutcome[] = [];
      for (const unit of units) {
        const { outcome, writes, notes } = this.work(unit);
        if (units.length === 1) await tick();
        this.keep(writes, notes);
        outcomes.push(this.answer(outcome));
      }
      return outcomes;
    }
  },
  "checks unique keys before it waits, and not again": class extends ReferenceJobs {
    override async commit(units: readonly Unit[]): Promise<UnitOutcome[]> {
      const holders = new Map(
        units.flatMap(({ insert = [] }) => insert.map(({ unique = "" }) => [unique, this.holder(unique)])),
      );
      if (units.length === 1) await tick();
      return units.map((unit) => {
        const holder = (unique: string) => (units.length === 1 ? holders.get(unique) : this.holder(unique));
        const { outcome, writes, notes } = this.work(unit, { ...this.lookup(), holder });
        this.keep(writes, notes);
        return this.answer(outcome);
      });
    }
  },
  "gives up when a batch is under way": class extends ReferenceJobs {
    #busy = 0;
    override async commit(units: readonly Unit[]): Promise<UnitOutcome[]> {
      if (this.#busy > 1) throw new Error("deadlock");
      this.#busy += units.length;
      await tick();
      this.#busy -= units.length;
      return super.commit(units);
    }
  },
  "reads through a cache of its own": class extends ReferenceJobs {
    readonly #cache = new Map<JobId, Job>();
    override lookup() {
      return {
        ...super.lookup(),
        job: (id: JobId) => this.#read(id),
        holder: (unique: string) => this.#holder(unique),
      };
    }
    override write(write: Write<Job>): void {
      super.write(write);
      if (write.after) this.#cache.set(write.after.id, write.after);
      else this.#cache.delete(write.before?.id as JobId);
    }
    #read(id: JobId): Job | undefined {
      const job = this.#cache.get(id) ?? this.data.jobs.get(id);
      if (job) this.#cache.set(id, job);
      return job;
    }
    #holder(unique: string): JobId | undefined {
      return [...this.#cache.values()].find((job) => heldKey(job) === unique)?.id;
    }
  },
  "fails when it is closed twice": class extends ReferenceJobs {
    #closed = false;
    override async close(): Promise<void> {
      if (this.#closed) throw new Error("closed");
      this.#closed = true;
    }
  },
  "drops what is under way when it is closed": class extends ReferenceJobs {
    #closed = false;
    override async commit(units: readonly Unit[]): Promise<UnitOutcome[]> {
      await tick();
      if (this.#closed) throw new Error("closed");
      return super.commit(units);
    }
    override async close(): Promise<void> {
      this.#closed = true;
    }
  },
  "acknowledges what it does not store when it is closed": class extends ReferenceJobs {
    #closed = false;
    override async commit(units: readonly Unit[]): Promise<UnitOutcome[]> {
      await tick();
      return this.#closed
        ? units.map(() => ({ ok: true, inserted: [], leftOut: [], changed: [], removed: [] }))
        : super.commit(units);
    }
    override async close(): Promise<void> {
      this.#closed = true;
    }
  },
  "declares nothing": class extends ReferenceJobs {
    override readonly capabilities = {
      ...{ durable: true, shared: true, rowLocks: true },
      ...({ shared: undefined } as object),
    };
  },
  "is not empty when it is new": class extends ReferenceJobs {
    constructor(data?: JobData) {
      super(data);
      if (this.data.jobs.size === 0)
        this.note({ id: "019b76da-a800-7000-8000-000000000001", kind: "log", key: "k", value: "v", at: 0 });
    }
  },
  "loses notes when it is opened again": reopened(({ notes }) => notes.clear()),
  "loses a job when it is opened again": reopened(({ jobs }) => jobs.delete([...jobs.keys()][0] as JobId)),
  "loses unique keys when it is opened again": reopened(({ jobs }) => {
    for (const [id, { unique: _, ...job }] of jobs) jobs.set(id, job);
  }),
  "has data of its own in every handle": class extends ReferenceJobs {
    constructor(data = new JobData()) {
      const own = new JobData();
      for (const [id, job] of data.jobs) own.jobs.set(id, job);
      super(own);
    }
  } satisfies new (
    data?: JobData,
  ) => JobRepository,
};
