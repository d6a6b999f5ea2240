import { heldKey, type Job, type Unit, type UnitOutcome } from "@jobq/core";
import { ReferencePair } from "../reference/reference-pair.ts";
import type { PairMutant } from "./mutant.ts";

const tick = (): Promise<void> => Promise.resolve();

/** Units as the pair's own commit takes them; the job repository stays right. */
const committing = (change: (unit: Unit) => Unit): PairMutant =>
  class extends ReferencePair {
    override commit(units: readonly Unit[]): Promise<UnitOutcome[]> {
      return super.commit(units.map(change));
    }
  };

/** Faults of a pair that commits in a way of its own, over a job repository that is right. */
export const pairCommitMutants: Readonly<Record<string, PairMutant>> = {
  "commits a unit's key without looking at it again": class extends ReferencePair {
    override async commit(units: readonly Unit[]): Promise<UnitOutcome[]> {
      const [unit] = units as readonly [Unit];
      const resets = units.length === 1 && unit.apply?.every(({ type }) => type === "reset") ? unit.apply : [];
      const before = await this.jobs.get(resets.map(({ id }) => id));
      const keys = before.map((job) => job?.unique);
      const live = await this.jobs.find({ limit: 100_000 });
      const held = live.some((job) => keys.includes(heldKey(job) ?? "none"));
      await tick();
      if (resets.length === 0 || held) return super.commit(units);
      // Nobody held the key a moment ago.
      const others = (await this.jobs.find({ limit: 100_000 })).filter((job) => keys.includes(heldKey(job) ?? "none"));
      const whole = await this.jobs.get(others.map(({ id }) => id));
      await this.jobs.commit([{ now: unit.now, remove: others.map(({ id }) => id) }]);
      const outcomes = await super.commit(units);
      const back = whole.map((job) => ({ ...(job as Job), unique: undefined }));
      await this.jobs.commit([{ now: unit.now, insert: back }]);
      return outcomes;
    }
  },
  "cuts errors that are committed": committing((unit) => ({
    ...unit,
    apply: (unit.apply ?? []).map((change) =>
      change.type === "retry" && change.error !== undefined
        ? { ...change, error: change.error.slice(0, 4_096) }
        : change,
    ),
  })),
  "commits 500 changes of a unit": committing(({ apply = [], ...unit }) => ({ ...unit, apply: apply.slice(0, 500) })),
  "takes the key of an ended job when that is inserted again": class extends ReferencePair {
    readonly #taken = new Set<string>();
    override async commit(units: readonly Unit[]): Promise<UnitOutcome[]> {
      const keep = (job: Job) => heldKey(job) === undefined || !this.#taken.has(heldKey(job) as string);
      const outcomes = await super.commit(
        units.map((unit) => (unit.insert ? { ...unit, insert: unit.insert.filter(keep) } : unit)),
      );
      const inserts = units.flatMap(({ insert = [] }) => insert);
      const stored = await this.jobs.get(inserts.map(({ id }) => id));
      for (const job of stored) if (job?.unique && job.finishedAt !== undefined) this.#taken.add(job.unique);
      return outcomes;
    }
  },
  "lets handles find half of a commit": class extends ReferencePair {
    override async commit(units: readonly Unit[]): Promise<UnitOutcome[]> {
      const [unit] = units as readonly [Unit];
      if (units.length !== 1 || (unit.apply?.length ?? 0) < 50 || unit.note) return super.commit(units);
      const outcomes: UnitOutcome[] = [];
      for (const change of unit.apply ?? []) {
        outcomes.push(...(await super.commit([{ now: unit.now, apply: [change] }])));
      }
      const changed = outcomes.flatMap((outcome) => (outcome.ok ? outcome.changed : []));
      return [{ ok: true, inserted: [], leftOut: [], changed, removed: [] }];
    }
  },
};
