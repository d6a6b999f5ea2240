import type { Unit, UnitOutcome } from "@jobq/core";
import { ReferencePair } from "../reference/reference-pair.ts";
import type { PairMutant } from "./mutant.ts";

/** Faults of a pair with writes that fail. */
export const pairFailureMutants: Readonly<Record<string, PairMutant>> = {
  "leaves entries as they are when a write has failed": class extends ReferencePair {
    override doubt(): void {}
  },
  "rejects what is stored, since its entries could not follow": class extends ReferencePair {
    override async commit(units: readonly Unit[]): Promise<UnitOutcome[]> {
      const outcomes = await super.commit(units);
      if (this.stale.size > 0) await this.settle().then(() => Promise.reject(new Error("entries did not follow")));
      return outcomes;
    }
  },
  "takes no more once a write has failed": class extends ReferencePair {
    override async settle(): Promise<void> {
      if (this.stale.size > 0) throw new Error("entries may be wrong");
    }
  },
};
