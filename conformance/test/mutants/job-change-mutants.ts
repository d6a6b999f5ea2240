import { type Change, type ChangeType, isRefusal, type Job, type Unit, type UnitOutcome } from "@jobq/core";
import { CHANGE_TYPES } from "../../src/job/model/trial.ts";
import { ReferenceJobs } from "../reference/reference-jobs.ts";
import type { JobMutant } from "./mutant.ts";

const tick = (): Promise<void> => Promise.resolve();

/** The unit with the changes made from its own. */
function withChanges(unit: Unit, map: (change: Change) => Change): Unit {
  return unit.apply ? { ...unit, apply: unit.apply.map(map) } : unit;
}

function withInserts(unit: Unit, map: (job: Job) => Job): Unit {
  return unit.insert ? { ...unit, insert: unit.insert.map(map) } : unit;
}

const forgets = (type: ChangeType): JobMutant =>
  class extends ReferenceJobs {
    override store(unit: Unit): UnitOutcome {
      const { outcome } = this.work(unit);
      if (!isRefusal(outcome) && unit.apply?.some((change) => change.type === type)) return this.answer(outcome);
      return super.store(unit);
    }
  };

/** Faults of commit: what is inserted and how it changes. */
export const jobChangeMutants: Readonly<Record<string, JobMutant>> = {
  "overwrites a job that is inserted again": class extends ReferenceJobs {
    override store(unit: Unit): UnitOutcome {
      const outcome = super.store(unit);
      if (!isRefusal(outcome) && !unit.apply && !unit.remove) {
        for (const job of unit.insert ?? [])
          if (outcome.inserted.includes(job.id)) this.write({ before: undefined, after: job });
      }
      return outcome;
    }
  },
  "revives a job that has ended when it is inserted again": class extends ReferenceJobs {
    override store(unit: Unit): UnitOutcome {
      for (const { id } of unit.insert ?? []) if (this.data.jobs.get(id)?.finishedAt) this.forget(id);
      return super.store(unit);
    }
  },
  "takes a removed id never again": class extends ReferenceJobs {
    readonly #gone = new Set<string>();
    override forget(id: string): void {
      super.forget(id);
      this.#gone.add(id);
    }
    override store(unit: Unit): UnitOutcome {
      return super.store({ ...unit, insert: unit.insert?.filter(({ id }) => !this.#gone.has(id)) ?? [] });
    }
  },
  "keeps something of a job that is inserted anew": class extends ReferenceJobs {
    readonly #tags = new Map<string, Job["tags"]>();
    override store(unit: Unit): UnitOutcome {
      for (const { id, tags } of unit.insert ?? []) if (tags && !this.#tags.has(id)) this.#tags.set(id, tags);
      return super.store(withInserts(unit, (job) => ({ ...job, tags: job.tags ?? this.#tags.get(job.id) })));
    }
  },
  "loses a field of what is inserted": class extends ReferenceJobs {
    override store(unit: Unit): UnitOutcome {
      return super.store(withInserts(unit, (job) => ({ ...job, data: undefined })));
    }
  },
  "asks no token": class extends ReferenceJobs {
    override store(unit: Unit): UnitOutcome {
      const token = (id: string) => this.data.jobs.get(id)?.token ?? 0;
      return super.store(
        withChanges(unit, (change) => ("token" in change ? { ...change, token: token(change.id) } : change)),
      );
    }
  },
  "asks no token of an extend that asks for nothing": class extends ReferenceJobs {
    override store(unit: Unit): UnitOutcome {
      const apply =
        unit.apply?.filter((change) => change.type !== "extend" || change.until !== undefined || change.progress) ?? [];
      return super.store({ ...unit, apply });
    }
  },
  "keeps the notes of a refused unit": class extends ReferenceJobs {
    override store(unit: Unit): UnitOutcome {
      const outcome = super.store(unit);
      if (isRefusal(outcome)) for (const note of unit.note ?? []) if (this.data.jobs.has(note.id)) this.note(note);
      return outcome;
    }
  },
  "mixes up the callers of concurrent commits": class extends ReferenceJobs {
    #waiting: [readonly Unit[], (outcomes: UnitOutcome[]) => void][] = [];
    override commit(units: readonly Unit[]): Promise<UnitOutcome[]> {
      if (this.#waiting.length === 0) void tick().then(() => this.#flush());
      return new Promise((resolve) => this.#waiting.push([units, resolve]));
    }
    #flush(): void {
      const waiting = this.#waiting;
      this.#waiting = [];
      const answers = waiting.map(([units]) => units.map((unit) => this.store(unit))).reverse();
      for (const [index, [, resolve]] of waiting.entries()) resolve(answers[index] as UnitOutcome[]);
    }
  },
  "reads the clock instead of the unit's instant": class extends ReferenceJobs {
    override store(unit: Unit): UnitOutcome {
      return super.store({ ...unit, now: Date.now() });
    }
  },
  ...Object.fromEntries(CHANGE_TYPES.map((type) => [`forgets to store what ${type} does`, forgets(type)])),
};
