import {
  checkNumbers,
  checkUnits,
  isJobId,
  type Job,
  type JobId,
  type JobQuery,
  type Note,
  type NoteKind,
  type Unit,
  type Write,
} from "@jobq/core";
import { ReferenceJobs } from "../reference/reference-jobs.ts";
import type { JobMutant } from "./mutant.ts";

/** Ids are spelled by `spell` before they are looked up. */
const getting = (spell: (id: JobId) => JobId): JobMutant =>
  class extends ReferenceJobs {
    override get(ids: readonly JobId[]): Promise<(Job | undefined)[]> {
      return super.get(ids.map((id) => this.#found(id)));
    }
    override notes(id: JobId, kind?: NoteKind): Promise<Note[]> {
      return super.notes(this.#found(id), kind);
    }
    #found(id: JobId): JobId {
      return [...this.data.jobs.keys()].find((one) => one === spell(id)) ?? id;
    }
  };

const notesOf = (spell: (id: JobId) => JobId): JobMutant =>
  class extends ReferenceJobs {
    override notes(id: JobId, kind?: NoteKind): Promise<Note[]> {
      return super.notes(spell(id), kind);
    }
  };

/** A part of each unit goes unchecked. */
const unchecked = (strip: (unit: Unit) => Unit): JobMutant =>
  class extends ReferenceJobs {
    override check(units: readonly Unit[]): void {
      checkUnits(units.map(strip));
      checkNumbers(units);
    }
  };

/** The numbers of a part of each unit go unchecked. */
const checking = (strip: (unit: Unit) => Unit): JobMutant =>
  class extends ReferenceJobs {
    override check(units: readonly Unit[]): void {
      checkUnits(units);
      checkNumbers(units.map(strip));
    }
  };

const uncheckedInsert = (plain: Partial<Job>): JobMutant =>
  unchecked((unit) => ({ ...unit, insert: (unit.insert ?? []).map((job) => ({ ...job, ...plain })) }));

const tagsBy =
  (how: (entries: [string, string][]) => [string, string][]) =>
  (job: Job): Job => ({
    ...job,
    tags: job.tags && Object.fromEntries(how(Object.entries(job.tags))),
  });
const namelessTags = tagsBy((entries) => entries.map(([, value], index) => [`${index}`, value]));
const fewTags = tagsBy((entries) => entries.slice(0, 1));

/** Payloads, or results, as a store that is not careful keeps them. */
const spelling = (part: "payload" | "result", spell: (text: string) => string): JobMutant =>
  class extends ReferenceJobs {
    override write({ before, after }: Write<Job>): void {
      const text = after?.[part];
      if (after) super.write({ before, after: text === undefined ? after : { ...after, [part]: spell(text) } });
      else if (before) super.write({ before, after });
    }
  };

const utf8 = (text: string): string => new TextDecoder().decode(new TextEncoder().encode(text));
const untilNul = (text: string): string => text.split("\0")[0] as string;

/** Cursors are spelled by `spell` before they are compared. */
const cursors = (spell: (id: JobId) => JobId): JobMutant =>
  class extends ReferenceJobs {
    override select({ after, before, ...query }: JobQuery): Job[] {
      const spelled = (cursor: JobId | undefined) => (cursor === undefined ? undefined : spell(cursor));
      return super.select({ ...query, after: spelled(after), before: spelled(before) });
    }
  };

const ascii = (id: string): string => id.replace(/[^ -~]/gu, "?");

/** Faults with ids and names. */
export const jobIdMutants: Readonly<Record<string, JobMutant>> = {
  "keeps payloads as UTF-8": spelling("payload", utf8),
  "keeps results as UTF-8": spelling("result", utf8),
  "ends payloads at a NUL": spelling("payload", untilNul),
  "ends results at a NUL": spelling("result", untilNul),
  "gets by 64 characters": getting((id) => id.slice(0, 64)),
  "gets by ASCII": getting(ascii),
  "gets by trimmed ids": getting((id) => id.trim()),
  "finds notes by 64 characters": notesOf((id) => id.slice(0, 64)),
  "finds notes by ASCII": notesOf(ascii),
  "finds notes by trimmed ids": notesOf((id) => id.trimEnd()),
  "finds notes whatever the case": notesOf((id) => id.toLowerCase()),
  "takes cursors as padded texts are compared": cursors((cursor) => cursor.trimEnd()),
  "takes cursors in ASCII": cursors(ascii),
  "takes 64 characters of a cursor": cursors((cursor) => cursor.slice(0, 64)),
  "takes cursors up to a NUL": cursors(untilNul),
  "finds nothing beyond what is no id": class extends ReferenceJobs {
    override select(query: JobQuery): Job[] {
      const { after = "", before = "a" } = query;
      return (after === "" || isJobId(after)) && isJobId(before) ? super.select(query) : [];
    }
  },
  "sorts ids whatever the case": class extends ReferenceJobs {
    override select(query: JobQuery): Job[] {
      return super.select(query).sort((a, b) => a.id.localeCompare(b.id, "en"));
    }
  },
  "keeps 63 characters of an id": class extends ReferenceJobs {
    override store(unit: Unit) {
      return super.store({ ...unit, insert: (unit.insert ?? []).map((job) => ({ ...job, id: job.id.slice(0, 63) })) });
    }
  },
  "refuses ids of 64 characters": class extends ReferenceJobs {
    override check(units: readonly Unit[]): void {
      checkUnits(units);
      for (const { insert = [] } of units) {
        for (const { id } of insert) if (id.length === 64) throw new RangeError("too long");
      }
    }
  },
  "checks nothing": class extends ReferenceJobs {
    override check(): void {}
  },
  "checks the first unit only": class extends ReferenceJobs {
    override check(units: readonly Unit[]): void {
      checkUnits(units.slice(0, 1));
      checkNumbers(units.slice(0, 1));
    }
  },
  "checks while it stores": class extends ReferenceJobs {
    override check(): void {}
    override store(unit: Unit) {
      checkUnits([unit]);
      return super.store(unit);
    }
  },
  "does not check the ids of changes": unchecked(({ apply: _, ...unit }) => unit),
  "does not check notes": unchecked(({ note: _, ...unit }) => unit),
  "does not check notes to forget": unchecked(({ forget: _, ...unit }) => unit),
  "does not check removals": unchecked(({ remove: _, ...unit }) => unit),
  "does not check purges": unchecked(({ purge: _, ...unit }) => unit),
  "does not check new ids": uncheckedInsert({ id: "a" }),
  "does not check parents": uncheckedInsert({ parent: undefined }),
  "does not check blockers": uncheckedInsert({ blockers: undefined }),
  "does not check topics": uncheckedInsert({ topic: "a" }),
  "does not check names": uncheckedInsert({ name: "a" }),
  "does not check unique keys": uncheckedInsert({ unique: undefined }),
  "does not check data": uncheckedInsert({ data: undefined }),
  "does not check tags": uncheckedInsert({ tags: undefined }),
  "does not check the names of tags": unchecked((unit) => ({ ...unit, insert: unit.insert?.map(namelessTags) ?? [] })),
  "does not count tags": unchecked((unit) => ({ ...unit, insert: unit.insert?.map(fewTags) ?? [] })),
  "does not check errors of new jobs": uncheckedInsert({ error: undefined }),
  "does not check messages of new jobs": uncheckedInsert({ progress: undefined }),
  ...Object.fromEntries(
    (["reserve", "extend", "retry", "cancel", "suspend"] as const).map((type) => [
      `does not check what ${type} says`,
      unchecked((unit) => ({ ...unit, apply: (unit.apply ?? []).filter((change) => change.type !== type) })),
    ]),
  ),
  "does not check numbers": class extends ReferenceJobs {
    override check(units: readonly Unit[]): void {
      checkUnits(units);
    }
  },
  "does not check the numbers of changes": checking((unit) => ({ ...unit, apply: [] })),
  "does not check the numbers of jobs": checking((unit) => ({ ...unit, insert: [] })),
  "does not check the numbers of limits": checking((unit) => ({
    ...unit,
    insert: (unit.insert ?? []).map((job) => ({ ...job, limit: undefined })),
  })),
  "does not check the instants of notes": checking((unit) => ({ ...unit, note: [] })),
  "does not check the instants of units": checking((unit) => ({ ...unit, now: 0 })),
  "does not check groups": uncheckedInsert({ group: undefined }),
  "does not check the keys of limits": uncheckedInsert({ limit: undefined }),
};
