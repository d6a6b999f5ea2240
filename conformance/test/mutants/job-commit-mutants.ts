import { applyUnit, isRefusal, type Unit, type UnitOutcome, type UnitStored } from "@jobq/core";
import { ReferenceJobs } from "../reference/reference-jobs.ts";
import type { JobMutant } from "./mutant.ts";

const nothing = { ok: true, inserted: [], leftOut: [], changed: [], removed: [] } as const;
/** Stored outcomes as the mutant tells them. */
const told = (tell: (outcome: UnitStored, unit: Unit) => UnitOutcome): JobMutant =>
  class extends ReferenceJobs {
    override store(unit: Unit): UnitOutcome {
      const outcome = super.store(unit);
      return isRefusal(outcome) ? outcome : tell(outcome, unit);
    }
  };

/** Faults of commit: units, their order, their outcomes. */
export const jobCommitMutants: Readonly<Record<string, JobMutant>> = {
  "stores half a unit": class extends ReferenceJobs {
    override store({ now, insert, apply = [], note, remove, purge }: Unit): UnitOutcome {
      const parts: Unit[] = [{ now, ...(insert && { insert }) }, ...apply.map((change) => ({ now, apply: [change] }))];
      parts.push({ now, ...(note && { note }) }, { now, ...(remove && { remove }), ...(purge && { purge }) });
      const whole = {
        inserted: [] as string[],
        leftOut: [] as string[],
        changed: [] as UnitStored["changed"][number][],
        removed: [] as string[],
      };
      for (const part of parts) {
        const outcome = super.store(part);
        if (isRefusal(outcome)) return outcome;
        whole.inserted.push(...outcome.inserted);
        whole.leftOut.push(...outcome.leftOut);
        whole.changed.push(...outcome.changed);
        whole.removed.push(...outcome.removed);
      }
      return { ok: true, ...whole };
    }
  },
  "skips the units after a refused one": class extends ReferenceJobs {
    override async commit(units: readonly Unit[]): Promise<UnitOutcome[]> {
      let failed: UnitOutcome | undefined;
      return units.map((unit) => {
        const outcome = failed ?? this.store(unit);
        if (isRefusal(outcome)) failed = outcome;
        return outcome;
      });
    }
  },
  "undoes the whole batch when a unit is refused": class extends ReferenceJobs {
    override async commit(units: readonly Unit[]): Promise<UnitOutcome[]> {
      const jobs = new Map(this.data.jobs);
      const outcomes = await super.commit(units);
      if (outcomes.some(isRefusal)) {
        this.data.jobs.clear();
        for (const [id, job] of jobs) this.data.jobs.set(id, job);
      }
      return outcomes;
    }
  },
  "stores what a refused unit would have inserted": class extends ReferenceJobs {
    override store(unit: Unit): UnitOutcome {
      const outcome = super.store(unit);
      if (isRefusal(outcome)) super.store({ now: unit.now, insert: unit.insert ?? [] });
      return outcome;
    }
  },
  "answers in reverse order": class extends ReferenceJobs {
    override async commit(units: readonly Unit[]): Promise<UnitOutcome[]> {
      return (await super.commit(units)).reverse();
    }
  },
  "answers refusals last": class extends ReferenceJobs {
    override async commit(units: readonly Unit[]): Promise<UnitOutcome[]> {
      return (await super.commit(units)).sort((a, b) => Number(isRefusal(a)) - Number(isRefusal(b)));
    }
  },
  "lets every unit see the store before the batch": class extends ReferenceJobs {
    override async commit(units: readonly Unit[]): Promise<UnitOutcome[]> {
      const jobs = new Map(this.data.jobs);
      const holders = new Map(
        [...jobs.values()].flatMap(({ id, unique }) => (unique ? [[unique, this.holder(unique) ?? id]] : [])),
      );
      const lookup = {
        ...this.lookup(),
        job: (id: string) => jobs.get(id),
        holder: (unique: string) => holders.get(unique),
      };
      return units.map((unit) => {
        const { outcome, writes, notes } = applyUnit(unit, lookup);
        this.keep(writes, notes);
        return this.answer(outcome);
      });
    }
  },
  "purges whatever it is asked to": class extends ReferenceJobs {
    override store({ remove = [], purge = [], ...unit }: Unit): UnitOutcome {
      return super.store({ ...unit, remove: [...remove, ...purge] });
    }
  },
  "purges nothing": class extends ReferenceJobs {
    override store({ purge: _, ...unit }: Unit): UnitOutcome {
      return super.store(unit);
    }
  },
  "deletes what it completes and purges, whoever waits for it": class extends ReferenceJobs {
    override store({ remove = [], ...unit }: Unit): UnitOutcome {
      const completed = unit.apply?.filter(({ type, id }) => type === "done" && unit.purge?.includes(id)) ?? [];
      return super.store({ ...unit, remove: [...remove, ...completed.map(({ id }) => id)] });
    }
  },
  "keeps the notes of what it completes and purges": class extends ReferenceJobs {
    override store(unit: Unit): UnitOutcome {
      const notes = new Map(this.data.notes);
      const outcome = super.store(unit);
      if (outcome.ok && unit.apply?.some(({ type, id }) => type === "done" && outcome.removed.includes(id))) {
        for (const [key, note] of notes) this.data.notes.set(key, note);
      }
      return outcome;
    }
  },
  "purges only done jobs": class extends ReferenceJobs {
    override store({ purge = [], ...unit }: Unit): UnitOutcome {
      return super.store({ ...unit, purge: purge.filter((id) => this.data.jobs.get(id)?.state === "done") });
    }
  },
  "removes before it changes": class extends ReferenceJobs {
    override store({ remove = [], ...unit }: Unit): UnitOutcome {
      const { removed } = super.store({ now: unit.now, remove }) as UnitStored;
      const outcome = super.store(unit);
      return isRefusal(outcome) ? outcome : { ...outcome, removed };
    }
  },
  "changes before it inserts": class extends ReferenceJobs {
    override store({ insert = [], ...unit }: Unit): UnitOutcome {
      const outcome = super.store(unit);
      if (isRefusal(outcome)) return outcome;
      return { ...outcome, inserted: (super.store({ now: unit.now, insert }) as UnitStored).inserted };
    }
  },
  "makes the changes of a unit in reverse": class extends ReferenceJobs {
    override store(unit: Unit): UnitOutcome {
      return super.store(unit.apply ? { ...unit, apply: [...unit.apply].reverse() } : unit);
    }
  },
  "does not say which job a refusal is about": class extends ReferenceJobs {
    override answer(outcome: UnitOutcome): UnitOutcome {
      return isRefusal(outcome) ? { ok: false, code: outcome.code, id: outcome.id } : super.answer(outcome);
    }
  },
  "calls every refusal INVALID_STATE": class extends ReferenceJobs {
    override answer(outcome: UnitOutcome): UnitOutcome {
      return isRefusal(outcome) ? { ...outcome, code: "INVALID_STATE" } : super.answer(outcome);
    }
  },
  "rejects instead of refusing": class extends ReferenceJobs {
    override answer(outcome: UnitOutcome): UnitOutcome {
      if (isRefusal(outcome)) throw new Error(outcome.code);
      return super.answer(outcome);
    }
  },
  "answers the last job of several changes only": told((outcome) => ({
    ...outcome,
    changed: outcome.changed.filter((job, index) => outcome.changed.findLastIndex(({ id }) => id === job.id) === index),
  })),
  "answers jobs as they were before": class extends ReferenceJobs {
    override store(unit: Unit): UnitOutcome {
      const before = unit.apply?.map(({ id }) => this.data.jobs.get(id));
      const outcome = super.store(unit);
      if (isRefusal(outcome)) return outcome;
      return { ...outcome, changed: outcome.changed.map((job, index) => before?.[index] ?? job) };
    }
  },
  "calls everything that it was told to remove removed": told((outcome, unit) => ({
    ...outcome,
    removed: unit.remove ?? [],
  })),
  "removes nothing": class extends ReferenceJobs {
    override forget(): void {}
  },
  "does not say what was left out": told((outcome) => ({ ...outcome, leftOut: [] })),
  "names the holders as left out": told((outcome) => ({
    ...outcome,
    leftOut: outcome.leftOut.map((_, index) => outcome.inserted[index] as string),
  })),
  "answers new ids only": told((outcome, unit) => ({
    ...outcome,
    inserted: outcome.inserted.filter((id, index) => unit.insert?.[index]?.id === id),
  })),
  "rejects when there is nothing to do": class extends ReferenceJobs {
    override async commit(units: readonly Unit[]): Promise<UnitOutcome[]> {
      if (units.length === 0) throw new Error("nothing to do");
      return super.commit(units);
    }
  },
  "forgets units after the 500th": class extends ReferenceJobs {
    override async commit(units: readonly Unit[]): Promise<UnitOutcome[]> {
      return [...(await super.commit(units.slice(0, 500))), ...units.slice(500).map(() => nothing)];
    }
  },
};
