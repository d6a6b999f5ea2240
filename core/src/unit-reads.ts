import type { JobHead, JobId } from "./job.ts";
import { heldKey, type Unit } from "./unit.ts";

/** The records that units start from, so that a store can read them before it works the units out. */
export interface UnitReads {
  /** Every job that a unit names, each once. */
  readonly ids: readonly JobId[];
  /** Every unique key that an insert would take, each once; who holds it is to be read. */
  readonly uniqueKeys: readonly string[];
}

/**
 * What a store has to read before it gives these units to `applyUnit`, whose look-ups are synchronous. The keys that
 * resets take again are known only once the jobs are there: see {@link resetKeys}.
 */
export function unitReads(units: readonly Unit[]): UnitReads {
  const ids = new Set<JobId>();
  const uniqueKeys = new Set<string>();
  for (const { insert = [], apply = [], note = [], remove = [], purge = [] } of units) {
    for (const named of [insert, apply, note]) for (const { id } of named) ids.add(id);
    for (const id of [...remove, ...purge]) ids.add(id);
    for (const job of insert) {
      const key = heldKey(job);
      if (key !== undefined) uniqueKeys.add(key);
    }
  }
  return { ids: [...ids], uniqueKeys: [...uniqueKeys] };
}

/** The unique keys, each once, that resets in these units may take again; `job` looks up what `unitReads` asked for. */
export function resetKeys(units: readonly Unit[], job: (id: JobId) => JobHead | undefined): readonly string[] {
  const keys = new Set<string>();
  for (const { apply = [] } of units) {
    for (const { type, id } of apply) {
      const unique = type === "reset" ? job(id)?.unique : undefined;
      if (unique !== undefined) keys.add(unique);
    }
  }
  return [...keys];
}
