import { isLocked, type Unit, type UnitOutcome } from "@jobq/core";
import { JobData, ReferenceJobs } from "../reference/reference-jobs.ts";
import { ReferencePair } from "../reference/reference-pair.ts";
import { TopicData } from "../reference/reference-topics.ts";
import type { PairMutant } from "./mutant.ts";

/** Changes how jobs are committed that somebody has locked. */
const over = (make: (data: JobData) => ReferenceJobs): PairMutant =>
  class extends ReferencePair {
    override readonly jobs: ReferenceJobs;

    constructor(jobs = new JobData(), topics = new TopicData()) {
      super(jobs, topics);
      this.jobs = make(jobs);
    }
  };

/** Faults of a store whose users lock single jobs. */
export const pairLockMutants: Readonly<Record<string, PairMutant>> = {
  "waits until nothing is locked": class extends ReferencePair {
    override async commit(units: readonly Unit[]): Promise<UnitOutcome[]> {
      for (;;) {
        const outcomes = await super.commit(units);
        if (!outcomes.some(isLocked)) return outcomes;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  },
  "stores what is locked": over(
    (data) =>
      new (class extends ReferenceJobs {
        override lockedBy(): undefined {}
      })(data),
  ),
  "refuses the neighbours of what is locked": over(
    (data) =>
      new (class extends ReferenceJobs {
        override async commit(units: readonly Unit[]): Promise<UnitOutcome[]> {
          const locked = [...data.locks].flatMap((names) => [...names()]);
          if (locked.length === 0) return super.commit(units);
          return units.map(() => ({ ok: false, code: "LOCKED", id: locked[0] as string }));
        }
      })(data),
  ),
  "stores half of a unit that is locked": over(
    (data) =>
      new (class extends ReferenceJobs {
        override lockedBy(unit: Unit, locked: Set<string>): UnitOutcome | undefined {
          const outcome = super.lockedBy(unit, locked);
          if (outcome) this.store({ now: unit.now, insert: unit.insert ?? [] });
          return outcome;
        }
      })(data),
  ),
  "lets later units pass one that is locked": over(
    (data) =>
      new (class extends ReferenceJobs {
        override lockedBy(unit: Unit, locked: Set<string>): UnitOutcome | undefined {
          return super.lockedBy(unit, new Set(locked));
        }
      })(data),
  ),
  "refuses to purge beside a lock": over(
    (data) =>
      new (class extends ReferenceJobs {
        override lockedBy(unit: Unit, locked: Set<string>): UnitOutcome | undefined {
          const id = unit.purge?.find((id) => locked.has(id));
          return id === undefined ? super.lockedBy(unit, locked) : { ok: false, code: "LOCKED", id };
        }
      })(data),
  ),
  "purges what is locked": over(
    (data) =>
      new (class extends ReferenceJobs {
        override passing(unit: Unit): Unit {
          return unit;
        }
      })(data),
  ),
  "holds no lock on keys": over(
    (data) =>
      new (class extends ReferenceJobs {
        override lockedBy(unit: Unit, locked: Set<string>): UnitOutcome | undefined {
          return super.lockedBy(unit, new Set([...locked].filter((name) => !name.startsWith("key "))));
        }
      })(data),
  ),
};
