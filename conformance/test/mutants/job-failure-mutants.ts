import type { Job, JobHead, JobId, JobQuery, Tally, Unit, UnitOutcome } from "@jobq/core";
import { ReferenceJobs } from "../reference/reference-jobs.ts";
import type { JobMutant } from "./mutant.ts";
import { writingWrongly } from "./wrong-writes.ts";

/** A handle that shows jobs, counts and holders of keys which it only has in its memory. */
class Remembering extends ReferenceJobs {
  readonly ghosts: Job[] = [];
  counted = 0;
  readonly holders = new Map<string, JobId>();

  override async find(query: JobQuery): Promise<JobHead[]> {
    const ghosts = this.ghosts.filter((job) => this.matches(query, job) && !this.data.jobs.has(job.id));
    return [...(await super.find(query)), ...ghosts];
  }

  override async tally(group?: string): Promise<Tally[]> {
    return (await super.tally(group)).map((one) => ({ ...one, count: one.count + this.counted }));
  }

  override holder(unique: string): JobId | undefined {
    return this.holders.get(unique) ?? super.holder(unique);
  }
}

/** What a handle makes of a unit whose write failed: maybe an outcome. */
const failing = (fail: (jobs: Remembering, unit: Unit) => UnitOutcome | undefined): JobMutant =>
  class extends Remembering {
    override store(unit: Unit): UnitOutcome {
      try {
        return super.store(unit);
      } catch (error) {
        const outcome = fail(this, unit);
        if (outcome) return outcome;
        throw error;
      }
    }
  };

/** Faults with writes that fail. */
export const jobFailureMutants: Readonly<Record<string, JobMutant>> = {
  ...writingWrongly<JobMutant>(
    (wrong) =>
      class extends ReferenceJobs {
        readonly #persist = wrong((make) => super.persist(make));
        override persist<T>(make: () => T): T {
          return this.#persist(make);
        }
      },
  ),
  "writes notes before it writes": class extends ReferenceJobs {
    override store(unit: Unit): UnitOutcome {
      for (const note of unit.note ?? []) this.note(note);
      return super.store(unit);
    }
  },
  "writes notes after the jobs": class extends ReferenceJobs {
    override store({ note = [], ...unit }: Unit): UnitOutcome {
      const outcome = super.store(unit);
      if (outcome.ok && note.length > 0) super.store({ now: unit.now, note });
      return outcome;
    }
  },
  "finds what was not written": failing((jobs, { insert = [] }) => {
    jobs.ghosts.push(...insert);
    return undefined;
  }),
  "counts what was not written": failing((jobs) => {
    jobs.counted += 1;
    return undefined;
  }),
  "holds keys for what was not written": failing((jobs, { insert = [] }) => {
    for (const { id, unique } of insert) if (unique !== undefined) jobs.holders.set(unique, id);
    return undefined;
  }),
  "acknowledges what was not written": failing((jobs, unit) => jobs.work(unit).outcome),
  "rejects with the error of the store": class extends ReferenceJobs {
    override persist<T>(make: () => T): T {
      return this.data.faults.write(make);
    }
  },
  "counts what was acknowledged, stored or not": class extends ReferenceJobs {
    #tally: Tally[] | undefined;
    override async commit(units: readonly Unit[]): Promise<UnitOutcome[]> {
      const outcomes = await super.commit(units);
      this.#tally = await super.tally();
      return outcomes;
    }
    override async tally(group?: string): Promise<Tally[]> {
      return (group === undefined && this.#tally) || super.tally(group);
    }
  },
  "rejects whatever was asked for along with what failed": class extends ReferenceJobs {
    #waiting: (readonly Unit[])[] = [];
    #next: Promise<UnitOutcome[]> | undefined;
    override async commit(units: readonly Unit[]): Promise<UnitOutcome[]> {
      const from = this.#waiting.flat().length;
      this.#waiting.push(units);
      this.#next ??= Promise.resolve().then(() => {
        const all = this.#waiting.flat();
        [this.#waiting, this.#next] = [[], undefined];
        return super.commit(all);
      });
      return (await this.#next).slice(from, from + units.length);
    }
  },
};
