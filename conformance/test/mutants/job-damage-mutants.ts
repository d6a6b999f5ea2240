import {
  type Job,
  type JobHead,
  type JobId,
  type JobQuery,
  JobqError,
  type Tally,
  type Unit,
  type UnitOutcome,
} from "@jobq/core";
import { ReferenceJobs } from "../reference/reference-jobs.ts";
import type { JobMutant } from "./mutant.ts";

const failed = (): JobqError => new JobqError("STORE_FAILED", "a record cannot be read");

const failing = (member: "get" | "find" | "commit"): JobMutant =>
  class extends ReferenceJobs {
    constructor(...data: ConstructorParameters<typeof ReferenceJobs>) {
      super(...data);
      const right = this[member].bind(this) as (argument: never) => Promise<never>;
      Object.assign(this, {
        [member]: async (argument: never) => {
          if (this.data.damaged.size > 0) throw failed();
          return right(argument);
        },
      });
    }
  };

/** Faults with jobs that cannot be read. */
export const jobDamageMutants: Readonly<Record<string, JobMutant>> = {
  "fails to get what cannot be read": failing("get"),
  "fails to find what cannot be read": failing("find"),
  "fails to commit beside what cannot be read": failing("commit"),
  "finds pages that are not full": class extends ReferenceJobs {
    override select(query: JobQuery): Job[] {
      const lost = [...this.data.damaged.values()].filter((job) => this.matches(query, job)).length;
      return super.select({ ...query, limit: Math.max(query.limit - lost, 0) });
    }
  },
  "ends a page at what cannot be read": class extends ReferenceJobs {
    override select(query: JobQuery): Job[] {
      const [first] = [...this.data.damaged.keys()].sort();
      return super.select(query).filter(({ id }) => first === undefined || id < first);
    }
  },
  "finds what cannot be read": class extends ReferenceJobs {
    override async find(query: JobQuery): Promise<JobHead[]> {
      const damaged = [...this.data.damaged.values()].filter((job) => this.matches(query, job));
      return [...(await super.find(query)), ...damaged].sort((a, b) => (a.id < b.id ? -1 : 1)).slice(0, query.limit);
    }
  },
  "tells nobody": class extends ReferenceJobs {
    override meet(): void {}
  },
  "tells each time": class extends ReferenceJobs {
    override meet(id: JobId): void {
      this.damage.mended([id]);
      super.meet(id);
    }
  },
  "tells of no job": class extends ReferenceJobs {
    override meet(): void {
      this.damage.report(new JobqError("STORE_FAILED", "cannot be read", { details: { key: "some" } }));
    }
  },
  "does not remove what cannot be read": class extends ReferenceJobs {
    override wipe(_unit: Unit, outcome: UnitOutcome): UnitOutcome {
      return outcome;
    }
  },
  "says that it removes what cannot be read": class extends ReferenceJobs {
    override wipe(unit: Unit, outcome: UnitOutcome): UnitOutcome {
      const damaged = new Map(this.data.damaged);
      const wiped = super.wipe(unit, outcome);
      for (const [id, job] of damaged) this.data.damaged.set(id, job);
      return wiped;
    }
  },
  "leaves the notes of what cannot be read": class extends ReferenceJobs {
    override wipe(unit: Unit, outcome: UnitOutcome): UnitOutcome {
      const notes = new Map(this.data.notes);
      const wiped = super.wipe(unit, outcome);
      for (const [key, note] of notes) this.data.notes.set(key, note);
      return wiped;
    }
  },
  "leaves the notes of what cannot be read to the job in its place": class extends ReferenceJobs {
    override replace(): void {}
  },
  "takes the job in the place of what it removed along": class extends ReferenceJobs {
    override async commit(units: readonly Unit[]): Promise<UnitOutcome[]> {
      const lost = units.flatMap(({ remove = [] }) => remove.filter((id) => this.data.damaged.has(id)));
      const outcomes = await super.commit(units);
      for (const id of lost) this.forget(id);
      return outcomes;
    }
  },
  "counts what could not be read for ever": class extends ReferenceJobs {
    readonly #known = new Set<JobId>();
    override wipe(unit: Unit, outcome: UnitOutcome): UnitOutcome {
      for (const id of this.data.damaged.keys()) this.#known.add(id);
      return super.wipe(unit, outcome);
    }
    override async tally(): Promise<Tally[]> {
      return (await super.tally()).map((one) => ({ ...one, count: one.count + this.#known.size }));
    }
  },
};
