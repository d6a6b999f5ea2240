import {
  isFinal,
  type JobId,
  JobqError,
  type Note,
  type NoteKind,
  type NoteRef,
  type Unit,
  type UnitOutcome,
} from "@jobq/core";
import { ReferenceJobs } from "../reference/reference-jobs.ts";
import type { JobMutant } from "./mutant.ts";

const forgetting = (change: (refs: readonly NoteRef[]) => readonly NoteRef[]): JobMutant =>
  class extends ReferenceJobs {
    override store(unit: Unit): UnitOutcome {
      return super.store(unit.forget ? { ...unit, forget: change(unit.forget) } : unit);
    }
  };

/** Faults with notes of any kind, and with listeners. */
export const jobNoteMutants: Readonly<Record<string, JobMutant>> = {
  "keeps the notes of a few kinds": class extends ReferenceJobs {
    override note(note: Note): void {
      if (["checkpoint", "log", "attempt", "signal", "link"].includes(note.kind)) super.note(note);
    }
  },
  "takes kinds that begin alike for one": class extends ReferenceJobs {
    override async notes(id: JobId, kind?: NoteKind): Promise<Note[]> {
      return (await super.notes(id)).filter((note) => !kind || note.kind.startsWith(kind));
    }
  },
  "trims the kind that it is asked for": class extends ReferenceJobs {
    override notes(id: JobId, kind?: NoteKind): Promise<Note[]> {
      return super.notes(id, kind?.trim());
    }
  },
  "cuts the kind that it is asked for": class extends ReferenceJobs {
    override notes(id: JobId, kind?: NoteKind): Promise<Note[]> {
      return super.notes(id, kind?.slice(0, 32));
    }
  },
  "fails when it is asked for a kind with a NUL": class extends ReferenceJobs {
    override async notes(id: JobId, kind?: NoteKind): Promise<Note[]> {
      if (kind?.includes("\0")) throw new JobqError("STORE_FAILED", "invalid byte");
      return super.notes(id, kind);
    }
  },
  "keeps 31 characters of a kind": class extends ReferenceJobs {
    override note(note: Note): void {
      super.note({ ...note, kind: note.kind.slice(0, 31) });
    }
  },
  "tells logs when it is asked for every kind": class extends ReferenceJobs {
    override notes(id: JobId, kind: NoteKind = "log"): Promise<Note[]> {
      return super.notes(id, kind);
    }
  },
  "sorts notes of every kind by key": class extends ReferenceJobs {
    override sort(notes: Note[]): Note[] {
      return notes.sort((a, b) => ((a.key === b.key ? a.kind < b.kind : a.key < b.key) ? -1 : 1));
    }
  },
  "forgets no note": forgetting(() => []),
  "forgets no note that has a value": forgetting((refs) => refs.filter((ref) => !("value" in ref))),
  "forgets one note of a unit": forgetting((refs) => refs.slice(0, 1)),
  "forgets every note of the job": class extends ReferenceJobs {
    override store(unit: Unit): UnitOutcome {
      const outcome = super.store(unit);
      const ids = outcome.ok ? (unit.forget ?? []).map(({ id }) => id) : [];
      for (const [key, note] of this.data.notes) if (ids.includes(note.id)) this.data.notes.delete(key);
      return outcome;
    }
  },
  "forgets notes of any kind with the key": class extends ReferenceJobs {
    override store(unit: Unit): UnitOutcome {
      const outcome = super.store(unit);
      for (const ref of (outcome.ok && unit.forget) || [])
        for (const [key, note] of this.data.notes)
          if (note.id === ref.id && note.key === ref.key) this.data.notes.delete(key);
      return outcome;
    }
  },
  "forgets notes with keys that look alike": class extends ReferenceJobs {
    override store(unit: Unit): UnitOutcome {
      const outcome = super.store(unit);
      const plain = (key: string) => key.trim().normalize().toLowerCase();
      for (const ref of (outcome.ok && unit.forget) || [])
        for (const [key, note] of this.data.notes)
          if (note.id === ref.id && note.kind === ref.kind && plain(note.key) === plain(ref.key))
            this.data.notes.delete(key);
      return outcome;
    }
  },
  "forgets notes before it writes them": class extends ReferenceJobs {
    override store(unit: Unit): UnitOutcome {
      const { forget = [], ...rest } = unit;
      const { outcome } = this.work(unit);
      if (outcome.ok) super.store({ now: unit.now, forget });
      return super.store(rest);
    }
  },
  "forgets the notes of a refused unit": class extends ReferenceJobs {
    override store(unit: Unit): UnitOutcome {
      for (const ref of unit.forget ?? [])
        if (!unit.note?.some(({ key }) => key === ref.key)) this.data.notes.delete(this.noteKey(ref));
      return super.store(unit);
    }
  },
  "refuses to forget what is not there": class extends ReferenceJobs {
    override store(unit: Unit): UnitOutcome {
      const missing = unit.forget?.find((ref) => !this.data.notes.has(this.noteKey(ref)) && !unit.note?.length);
      return missing ? { ok: false, code: "JOB_NOT_FOUND", id: missing.id } : super.store(unit);
    }
  },
  "forgets notes of live jobs only": class extends ReferenceJobs {
    override store(unit: Unit): UnitOutcome {
      const forget = unit.forget?.filter(({ id }) => !isFinal(this.data.jobs.get(id)?.state ?? "ready"));
      return super.store(forget ? { ...unit, forget } : unit);
    }
  },
  "keeps logs of removed jobs": class extends ReferenceJobs {
    override forget(id: JobId): void {
      this.data.jobs.delete(id);
      for (const [key, note] of this.data.notes)
        if (note.id === id && note.kind !== "signal") this.data.notes.delete(key);
    }
  },
  "tells listeners nothing": class extends ReferenceJobs {
    override onChange(): () => void {
      return () => undefined;
    }
  },
  "tells listeners of no removals": class extends ReferenceJobs {
    override onChange(listener: (ids: readonly JobId[] | undefined) => void): () => void {
      return super.onChange((ids) => listener(ids?.filter((id) => this.data.jobs.has(id))));
    }
  },
  "tells listeners of removals only": class extends ReferenceJobs {
    override onChange(listener: (ids: readonly JobId[] | undefined) => void): () => void {
      return super.onChange((ids) => listener(ids?.filter((id) => !this.data.jobs.has(id))));
    }
  },
  "tells listeners that left": class extends ReferenceJobs {
    override onChange(listener: (ids: readonly JobId[] | undefined) => void): () => void {
      this.data.listeners.add([this, listener]);
      return () => undefined;
    }
  },
};
