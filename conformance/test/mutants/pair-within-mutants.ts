import type { StoreWithin, Unit, UnitOutcome } from "@jobq/core";
import { JobData } from "../reference/reference-jobs.ts";
import { ReferencePair } from "../reference/reference-pair.ts";
import { TopicData } from "../reference/reference-topics.ts";
import type { PairMutant } from "./mutant.ts";

/** Changes what the store inside a transaction does. */
const inside = (change: (inside: StoreWithin, store: ReferencePair) => Partial<StoreWithin>): PairMutant =>
  class extends ReferencePair {
    override within(transaction: object): StoreWithin {
      const right = super.within(transaction);
      return { ...right, ...change(right, this) };
    }
  };

/** Faults of a store inside a transaction. */
export const pairWithinMutants: Readonly<Record<string, PairMutant>> = {
  "writes past the transaction": inside((_, store) => ({ commit: (units) => store.commit(units) })),
  "keeps nothing of what is committed within": class extends ReferencePair {
    override inside(): ReferencePair {
      return new ReferencePair(new JobData(), new TopicData());
    }
  },
  "forgets the entries within": class extends ReferencePair {
    override inside(jobs: JobData): ReferencePair {
      return new ReferencePair(jobs, new TopicData());
    }
  },
  "tells a time of its own within": inside(() => ({ now: async () => 0 })),
  "settles past the transaction": inside((right, store) => ({
    commit: (units) => (units.some(({ apply }) => apply) ? store.commit(units) : right.commit(units)),
  })),
  "lets a refused unit take its neighbours along within": inside((right) => ({
    async commit(units: readonly Unit[]): Promise<UnitOutcome[]> {
      const outcomes: UnitOutcome[] = [];
      for (const unit of units) {
        const refused = outcomes.find(({ ok }) => !ok);
        outcomes.push(...(refused ? [refused] : await right.commit([unit])));
      }
      return outcomes;
    },
  })),
};
