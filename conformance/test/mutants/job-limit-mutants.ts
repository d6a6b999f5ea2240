import type { Change, Job, JobHead, JobId, JobQuery, Note, Unit, UnitOutcome, Write } from "@jobq/core";
import { ReferenceJobs } from "../reference/reference-jobs.ts";
import type { JobMutant } from "./mutant.ts";

/** Jobs stored as the mutant says. */
const storing = (change: (job: Job) => Job): JobMutant =>
  class extends ReferenceJobs {
    override write({ before, after }: Write<Job>): void {
      if (after) super.write({ before, after: change(after) });
      else if (before) super.write({ before, after });
    }
  };

/** Notes stored as the mutant says. */
const noting = (change: (note: Note) => Note): JobMutant =>
  class extends ReferenceJobs {
    override note(note: Note): void {
      super.note(change(note));
    }
  };

const changing = (map: (change: Change) => Change): JobMutant =>
  class extends ReferenceJobs {
    override store(unit: Unit): UnitOutcome {
      return super.store(unit.apply ? { ...unit, apply: unit.apply.map(map) } : unit);
    }
  };

/** Units of which only so many parts count. */
const parts = (name: "insert" | "apply" | "note" | "remove" | "purge", most: number): JobMutant =>
  class extends ReferenceJobs {
    override store(unit: Unit): UnitOutcome {
      return super.store({ ...unit, [name]: unit[name]?.slice(0, most) ?? [] });
    }
  };

const refusing = (name: "insert" | "apply" | "remove" | "purge", most: number): JobMutant =>
  class extends ReferenceJobs {
    override store(unit: Unit): UnitOutcome {
      if ((unit[name]?.length ?? 0) > most) throw new Error(`more than ${most}`);
      return super.store(unit);
    }
  };

const LONG = [63, 64, 100, 120, 127, 128, 190, 191, 200, 250, 254] as const;
const cut = (most: number) => (text: string) => text.slice(0, most);
const cutBytes = (most: number) => (text: string) =>
  new TextDecoder().decode(new TextEncoder().encode(text).slice(0, most));

/** Every text of a job that names something, changed. */
const names = (change: (text: string) => string): JobMutant =>
  storing((job) => ({ ...job, topic: change(job.topic), name: change(job.name) }));

const AT = ["createdAt", "runAt", "leaseUntil", "reservedAt", "finishedAt"] as const;

/** Instants stored as the mutant says. */
const instants = (change: (at: number) => number): JobMutant =>
  storing((job) => ({
    ...job,
    ...Object.fromEntries(AT.flatMap((name) => (job[name] === undefined ? [] : [[name, change(job[name])]]))),
  }));

const instant = (name: (typeof AT)[number], most: number): JobMutant =>
  storing((job) => (job[name] === undefined ? job : { ...job, [name]: Math.min(job[name], most) }));

const YEAR_2038 = (2 ** 31 - 1) * 1_000;
const YEAR_9999 = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

const counter = (name: "token" | "attempt" | "leaseLosses" | "resetCount", most: number): JobMutant =>
  storing((job) => ({ ...job, [name]: Math.min(job[name], most) }));

const holders = (change: (by: string) => string): JobMutant =>
  storing((job) => (job.reservedBy === undefined ? job : { ...job, reservedBy: change(job.reservedBy) }));

/** Faults with what is as long, as many, as late or as small as it may be. */
export const jobLimitMutants: Readonly<Record<string, JobMutant>> = {
  ...Object.fromEntries(LONG.map((most) => [`keeps ${most} characters of a name`, names(cut(most))])),
  "keeps 255 bytes of a name": names(cutBytes(255)),
  "keeps 254 characters of a unique key": storing((job) =>
    job.unique ? { ...job, unique: cut(254)(job.unique) } : job,
  ),
  "compares 254 characters of a unique key": class extends ReferenceJobs {
    override holder(unique: string): JobId | undefined {
      const long = unique.length > 254;
      return long
        ? [...this.data.jobs.values()].find(
            (job) => job.unique?.slice(0, 254) === unique.slice(0, 254) && !job.finishedAt,
          )?.id
        : super.holder(unique);
    }
  },
  "keeps 254 characters of a tag": storing((job) => ({
    ...job,
    tags: job.tags && Object.fromEntries(Object.entries(job.tags).map(([key, value]) => [key, value.slice(0, 254)])),
  })),
  "keeps 254 characters of a tag's name": storing((job) => ({
    ...job,
    tags: job.tags && Object.fromEntries(Object.entries(job.tags).map(([key, value]) => [key.slice(0, 254), value])),
  })),
  "finds topics by 254 characters": class extends ReferenceJobs {
    override matches({ topic, ...query }: JobQuery, job: Job): boolean {
      return super.matches(query, job) && (topic === undefined || job.topic.slice(0, 254) === topic.slice(0, 254));
    }
  },
  "tallies topics by 254 characters": class extends ReferenceJobs {
    override tallyKey({ topic, state }: JobHead): string {
      return JSON.stringify([topic.slice(0, 254), state]);
    }
  },
  "keeps 254 characters of the key of a note": noting((note) => ({ ...note, key: note.key.slice(0, 254) })),
  "keeps 36 characters of a holder": holders(cut(36)),
  "keeps 254 characters of a holder": holders(cut(254)),
  "trims a holder": holders((by) => by.trim()),
  "keeps a holder in lower case": holders((by) => by.toLowerCase()),
  "keeps a holder composed": holders((by) => by.normalize()),
  "keeps a holder escaped": holders((by) => JSON.stringify(by).slice(1, -1)),
  ...Object.fromEntries(
    [255, 1_024, 8_192, 65_535].map((most) => [
      `keeps ${most} characters of an error`,
      storing((job) => ({ ...job, error: job.error?.slice(0, most) })),
    ]),
  ),
  "keeps 65,536 bytes of an error": storing((job) => ({ ...job, error: job.error && cutBytes(65_536)(job.error) })),
  ...Object.fromEntries(
    [255, 8_192, 65_535].map((most) => [
      `keeps ${most} characters of a message`,
      storing(({ progress, ...job }) =>
        progress?.message === undefined
          ? { ...job, progress }
          : { ...job, progress: { ...progress, message: progress.message.slice(0, most) } },
      ),
    ]),
  ),
  "loses a progress of 0": storing(({ progress, ...job }) => ({
    ...job,
    progress: progress?.value ? progress : undefined,
  })),
  "loses an empty message": storing(({ progress, ...job }) => ({
    ...job,
    progress: progress && (progress.message ? progress : { value: progress.value }),
  })),
  "makes up an empty message": storing(({ progress, ...job }) => ({
    ...job,
    progress: progress && { value: progress.value, message: progress.message ?? "" },
  })),
  "keeps progress to six digits": storing(({ progress, ...job }) => ({
    ...job,
    progress: progress && { ...progress, value: Number(progress.value.toFixed(6)) },
  })),
  "keeps the progress that was passed in": class extends ReferenceJobs {
    override store(unit: Unit): UnitOutcome {
      const outcome = super.store(unit);
      for (const change of unit.apply ?? []) {
        const job = this.data.jobs.get(change.id);
        if (outcome.ok && change.type === "extend" && change.progress && job)
          this.data.jobs.set(job.id, { ...job, progress: change.progress });
      }
      return outcome;
    }
  },
  "hands its own progress out of get": class extends ReferenceJobs {
    override async get(ids: readonly JobId[]): Promise<(Job | undefined)[]> {
      const own = ids.map((id) => this.data.jobs.get(id)?.progress);
      return (await super.get(ids)).map((job, index) => job && { ...job, progress: own[index] });
    }
  },
  "hands its own progress out of commit": class extends ReferenceJobs {
    override answer(outcome: UnitOutcome): UnitOutcome {
      const own = (job: JobHead): JobHead => ({ ...job, progress: this.data.jobs.get(job.id)?.progress });
      const copy = super.answer(outcome);
      return copy.ok ? { ...copy, changed: copy.changed.map(own) } : copy;
    }
  },
  "hands its own progress out of a refusal": class extends ReferenceJobs {
    override answer(outcome: UnitOutcome): UnitOutcome {
      const copy = super.answer(outcome);
      if (copy.ok || !copy.job) return copy;
      return { ...copy, job: { ...copy.job, progress: this.data.jobs.get(copy.id)?.progress } };
    }
  },
  "inserts 1,000 jobs of a unit": parts("insert", 1_000),
  "inserts 9,999 jobs of a unit": parts("insert", 9_999),
  "refuses more than 5,000 inserts": refusing("insert", 5_000),
  "makes 999 changes of a unit": parts("apply", 999),
  "refuses more than 500 changes": refusing("apply", 500),
  "keeps 999 notes of a unit": parts("note", 999),
  "removes 500 jobs of a unit": parts("remove", 500),
  "removes 999 jobs of a unit": parts("remove", 999),
  "purges 999 jobs of a unit": parts("purge", 999),
  "refuses more than 999 purges": refusing("purge", 999),
  "gets 5,000 jobs at most": class extends ReferenceJobs {
    override async get(ids: readonly JobId[]): Promise<(Job | undefined)[]> {
      const found = await super.get(ids.slice(0, 5_000));
      return ids.map((_, index) => found[index]);
    }
  },
  "gets 9,999 jobs at most": class extends ReferenceJobs {
    override async get(ids: readonly JobId[]): Promise<(Job | undefined)[]> {
      const found = await super.get(ids.slice(0, 9_999));
      return ids.map((_, index) => found[index]);
    }
  },
  ...Object.fromEntries(
    [1_000, 5_000, 9_999].map((most) => [
      `finds ${most} jobs at most`,
      class extends ReferenceJobs {
        override async find(query: JobQuery): Promise<JobHead[]> {
          return super.find({ ...query, limit: Math.min(query.limit, most) });
        }
      },
    ]),
  ),
  ...Object.fromEntries(AT.map((name) => [`keeps ${name} until 2038`, instant(name, YEAR_2038)])),
  ...Object.fromEntries(AT.map((name) => [`keeps ${name} until the year 9999`, instant(name, YEAR_9999)])),
  "keeps instants in 32 bits of seconds without a sign": instants((at) => Math.min(at, (2 ** 32 - 1) * 1_000)),
  "keeps instants in 48 bits": instants((at) => at % 2 ** 48),
  "keeps instants to the second": instants((at) => at - (at % 1_000)),
  "keeps notes until the year 9999": noting((note) => ({ ...note, at: Math.min(note.at, YEAR_9999) })),
  "caps leases at 2038": class extends ReferenceJobs {
    override leaseEnds(): number[] {
      return super.leaseEnds().map((at) => Math.min(at, YEAR_2038));
    }
  },
  "extends leases until 2038": changing((change) =>
    change.type === "extend" && change.until !== undefined
      ? { ...change, until: Math.min(change.until, YEAR_2038) }
      : change,
  ),
  "finds leases by 13 digits": class extends ReferenceJobs {
    override matches({ leaseEndsBy, ...query }: JobQuery, job: Job): boolean {
      if (!super.matches(query, job) || leaseEndsBy === undefined) return super.matches(query, job);
      return job.leaseUntil !== undefined && String(job.leaseUntil) <= String(leaseEndsBy);
    }
  },
  ...Object.fromEntries(
    (["token", "attempt", "leaseLosses", "resetCount"] as const).flatMap((name) => [
      [`counts ${name} to 32,767`, counter(name, 32_767)],
      [`counts ${name} to 65,535`, counter(name, 65_535)],
    ]),
  ),
  "sorts notes by their instant": class extends ReferenceJobs {
    override sort(notes: Note[]): Note[] {
      return notes.sort((a, b) => a.at - b.at || (a.key < b.key ? -1 : 1));
    }
  },
  "sorts notes by their instant, and by key when that is the same": class extends ReferenceJobs {
    override sort(notes: Note[]): Note[] {
      return notes.sort((a, b) => b.at - a.at || (a.key < b.key ? -1 : 1));
    }
  },
  ...Object.fromEntries(
    (["createdAt", "weight", "runAt", "leaseUntil", "finishedAt"] as const).map((name) => [
      `finds in the order of ${name}`,
      class extends ReferenceJobs {
        override inOrder(): Job[] {
          return super.inOrder().sort((a, b) => (a[name] ?? 0) - (b[name] ?? 0));
        }
      },
    ]),
  ),
};
