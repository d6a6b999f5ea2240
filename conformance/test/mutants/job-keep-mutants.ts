import {
  applyUnit,
  heldKey,
  isRefusal,
  type Job,
  type JobId,
  type Lookup,
  type Note,
  type Unit,
  type UnitOutcome,
  type Write,
} from "@jobq/core";
import { type JobData, ReferenceJobs } from "../reference/reference-jobs.ts";
import type { JobMutant } from "./mutant.ts";

/** Unique keys held as the mutant says. */
const held = (holds: (job: Job, unique: string, data: JobData) => boolean): JobMutant =>
  class extends ReferenceJobs {
    override holder(unique: string): JobId | undefined {
      for (const job of this.data.jobs.values()) if (holds(job, unique, this.data)) return job.id;
      return undefined;
    }
  };

/** Units worked out with another lookup. */
const looked = (lookup: (unit: Unit, own: Lookup<Job>) => Lookup<Job>): JobMutant =>
  class extends ReferenceJobs {
    override work(unit: Unit) {
      return super.work(unit, lookup(unit, this.lookup()));
    }
  };

/** A unique key held in any of these cases, besides those in which it should be. */
const alsoHeld = (holds: (job: Job) => boolean): JobMutant =>
  held((job, unique) => heldKey(job) === unique || (job.unique === unique && holds(job)));

/** Faults of what is kept beside jobs: unique keys and notes. */
export const jobKeepMutants: Readonly<Record<string, JobMutant>> = {
  "checks no unique key": held(() => false),
  "checks unique keys by topic": class extends ReferenceJobs {
    override work(unit: Unit) {
      const topic = unit.insert?.find(({ unique }) => unique)?.topic;
      const holder = (unique: string) => {
        const id = this.holder(unique);
        return id && topic && this.data.jobs.get(id)?.topic !== topic ? undefined : id;
      };
      return super.work(unit, { ...this.lookup(), holder });
    }
  },
  "checks unique keys without their case": held((job, unique) => heldKey(job)?.toLowerCase() === unique.toLowerCase()),
  "normalizes unique keys": held((job, unique) => heldKey(job)?.normalize() === unique.normalize()),
  "lets a delayed job hold no unique key": held((job, unique) => job.state !== "delayed" && heldKey(job) === unique),
  "lets a reserved job hold no unique key": held((job, unique) => job.state !== "reserved" && heldKey(job) === unique),
  "never frees the unique key of a done job": alsoHeld(({ state }) => state === "done"),
  "never frees the unique key of an exhausted job": alsoHeld(({ reason }) => reason === "exhausted"),
  "never frees the unique key of a canceled job": alsoHeld(({ reason }) => reason === "canceled"),
  "never frees the unique key of a removed job": class extends ReferenceJobs {
    readonly #gone = new Map<string, JobId>();
    override forget(id: JobId): void {
      const job = this.data.jobs.get(id);
      const key = job && heldKey(job);
      if (key !== undefined) this.#gone.set(key, id);
      super.forget(id);
    }
    override holder(unique: string): JobId | undefined {
      return super.holder(unique) ?? this.#gone.get(unique);
    }
  },
  "frees a unique key when one that held it before is removed": class extends ReferenceJobs {
    readonly #free = new Set<string>();
    override forget(id: JobId): void {
      const key = this.data.jobs.get(id)?.unique;
      if (key !== undefined) this.#free.add(key);
      super.forget(id);
    }
    override holder(unique: string): JobId | undefined {
      return this.#free.has(unique) ? undefined : super.holder(unique);
    }
  },
  "checks unique keys against the store only, not within the unit": class extends ReferenceJobs {
    override store(unit: Unit): UnitOutcome {
      const seen = new Set<string>();
      const twice = unit.insert?.filter(({ unique }) => unique && (seen.has(unique) || (seen.add(unique) && false)));
      if (!twice?.length) return super.store(unit);
      for (const job of twice) this.write({ before: undefined, after: job });
      const { outcome } = this.work(unit);
      const inserted = unit.insert?.map(({ id }) => id) ?? [];
      super.store(unit);
      return isRefusal(outcome) ? outcome : { ...outcome, inserted };
    }
  },
  "checks no unique key at reset": looked((unit, own) =>
    unit.apply?.some(({ type }) => type === "reset") ? { ...own, holder: () => undefined } : own,
  ),
  "does not name the holder when a reset is refused": class extends ReferenceJobs {
    override answer(outcome: UnitOutcome): UnitOutcome {
      if (!isRefusal(outcome)) return super.answer(outcome);
      const { holder: _, ...rest } = outcome;
      return rest;
    }
  },
  "lets a reset job hold no unique key": held((job, unique) => job.resetCount === 0 && heldKey(job) === unique),
  "checks the keys of resets against the store only, not within the unit": class extends ReferenceJobs {
    override work(unit: Unit) {
      if ((unit.apply?.filter(({ type }) => type === "reset").length ?? 0) < 2) return super.work(unit);
      const work = super.work({ ...unit, apply: unit.apply?.slice(0, -1) ?? [] });
      return work.outcome.ok ? { ...work, outcome: { ...work.outcome, changed: [...work.outcome.changed] } } : work;
    }
  },
  "names the job itself when its unique key is held": class extends ReferenceJobs {
    override store(unit: Unit): UnitOutcome {
      const outcome = super.store(unit);
      return isRefusal(outcome) ? outcome : { ...outcome, inserted: unit.insert?.map(({ id }) => id) ?? [] };
    }
  },
  "refuses a unit whose unique key is held": class extends ReferenceJobs {
    override work(unit: Unit) {
      const work = super.work(unit);
      const taken = unit.insert?.find(({ id }, index) => work.outcome.ok && work.outcome.inserted[index] !== id);
      return taken
        ? { outcome: { ok: false, code: "DUPLICATE_JOB", id: taken.id } as const, writes: [], notes: [], forgotten: [] }
        : work;
    }
  },
  "takes the unique keys of a refused unit": class extends ReferenceJobs {
    readonly #taken = new Map<string, JobId>();
    override store(unit: Unit): UnitOutcome {
      const outcome = super.store(unit);
      if (isRefusal(outcome)) for (const { id, unique } of unit.insert ?? []) if (unique) this.#taken.set(unique, id);
      return outcome;
    }
    override holder(unique: string): JobId | undefined {
      return super.holder(unique) ?? this.#taken.get(unique);
    }
  },
  "checks the unique key before the id": class extends ReferenceJobs {
    override store(unit: Unit): UnitOutcome {
      const before = unit.insert?.map(({ unique }) => (unique ? this.holder(unique) : undefined));
      const outcome = super.store(unit);
      if (isRefusal(outcome)) return outcome;
      return { ...outcome, inserted: outcome.inserted.map((id, index) => before?.[index] ?? id) };
    }
  },
  "frees unique keys before it inserts": class extends ReferenceJobs {
    override store({ insert = [], ...unit }: Unit): UnitOutcome {
      if (!unit.apply?.some(({ type }) => type === "cancel")) return super.store({ insert, ...unit });
      const outcome = super.store(unit);
      const inserts = super.store({ now: unit.now, insert });
      return outcome.ok && inserts.ok ? { ...outcome, inserted: inserts.inserted } : outcome;
    }
  },
  "lets a job that is left out take changes and notes": class extends ReferenceJobs {
    override work(unit: Unit) {
      const work = super.work(unit);
      if (work.outcome.ok || work.outcome.code !== "JOB_NOT_FOUND") return work;
      const left = unit.insert?.some(({ id }) => !work.outcome.ok && id === work.outcome.id);
      return left ? super.work({ now: unit.now }) : work;
    }
  },
  "keeps notes in the order of their writes": class extends ReferenceJobs {
    override sort(notes: Note[]): Note[] {
      return notes;
    }
  },
  "sorts notes by the words of a language": class extends ReferenceJobs {
    override sort(notes: Note[]): Note[] {
      return notes.sort((a, b) => a.key.localeCompare(b.key, "en"));
    }
  },
  "mixes kinds of notes": class extends ReferenceJobs {
    override noteKey({ id, key }: Note): string {
      return JSON.stringify([id, key]);
    }
  },
  "takes note keys that look alike for one": class extends ReferenceJobs {
    override noteKey({ id, kind, key }: Note): string {
      return JSON.stringify([id, kind, key.trim().normalize()]);
    }
  },
  "mixes the notes of jobs": class extends ReferenceJobs {
    override noteKey({ kind, key }: Note): string {
      return JSON.stringify([kind, key]);
    }
  },
  "keeps the first note under a key": class extends ReferenceJobs {
    override note(note: Note): void {
      if (!this.data.notes.has(this.noteKey(note))) super.note(note);
    }
  },
  "keeps the note with the latest instant": class extends ReferenceJobs {
    override note(note: Note): void {
      if ((this.data.notes.get(this.noteKey(note))?.at ?? 0) <= note.at) super.note(note);
    }
  },
  "takes notes for jobs that are not there": class extends ReferenceJobs {
    override work(unit: Unit) {
      const { note = [], ...rest } = unit;
      const work = applyUnit(rest, this.lookup());
      return { ...work, notes: work.outcome.ok ? note : [] };
    }
  },
  "keeps the notes of removed jobs": class extends ReferenceJobs {
    override forget(id: JobId): void {
      this.data.jobs.delete(id);
    }
  },
  "drops notes at reset": class extends ReferenceJobs {
    override write(write: Write<Job>): void {
      if (write.after && write.before && write.after.resetCount > write.before.resetCount) super.forget(write.after.id);
      super.write(write);
    }
  },
  "drops notes when a job has ended": class extends ReferenceJobs {
    override write(write: Write<Job>): void {
      if (write.after?.finishedAt !== undefined) super.forget(write.after.id);
      super.write(write);
    }
  },
  "keeps the first thousand notes of a job": class extends ReferenceJobs {
    override async notes(...asked: Parameters<ReferenceJobs["notes"]>): Promise<Note[]> {
      return (await super.notes(...asked)).slice(0, 1_000);
    }
  },
};
