import { heldKey, heldSlot, type JobHead, type JobId } from "./job.ts";
import type { Unit } from "./unit.ts";

/** The records that units start from, so that a store can read them before it works the units out. */
export interface UnitReads {
  /** Every job that a unit names, each once. */
  readonly ids: readonly JobId[];
  /** Every unique key that an insert would take, each once; who holds it is to be read. */
  readonly uniqueKeys: readonly string[];
  /** Every slot that an insert would take, by its name of `heldSlot`, each once; who holds it is to be read. */
  readonly slots: readonly string[];
}

/** The ids of the jobs that a unit names, some maybe twice. */
export function unitIds(unit: Unit): JobId[] {
  const ids = neededIds(unit);
  return unit.purge?.length ? [...ids, ...unit.purge] : ids;
}

/** Those without which a unit cannot be stored: all but the ones to purge, of which it passes over any that are locked. */
export function neededIds({ insert = [], apply = [], note = [], forget = [], remove = [] }: Unit): JobId[] {
  const named = [insert, apply, note, forget].flatMap((parts) => parts.map(({ id }) => id));
  return remove.length > 0 ? [...named, ...remove] : named;
}

/**
 * What a store has to read before it gives these units to `applyUnit`, whose look-ups are synchronous. The keys that
 * resets take again, and the slots that admissions take, are known only once the jobs are there: see {@link resetKeys} and
 * {@link admittedSlots}.
 */
export function unitReads(units: readonly Unit[]): UnitReads {
  const ids = new Set<JobId>();
  const uniqueKeys = new Set<string>();
  const slots = new Set<string>();
  for (const unit of units) {
    for (const id of unitIds(unit)) ids.add(id);
    for (const job of unit.insert ?? []) {
      const key = heldKey(job);
      if (key !== undefined) uniqueKeys.add(key);
      const slot = heldSlot(job);
      if (slot !== undefined) slots.add(slot);
    }
  }
  return { ids: [...ids], uniqueKeys: [...uniqueKeys], slots: [...slots] };
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

/** The slots, each once, that admissions in these units may take; `job` looks up what `unitReads` asked for. */
export function admittedSlots(units: readonly Unit[], job: (id: JobId) => JobHead | undefined): readonly string[] {
  const slots = new Set<string>();
  for (const { insert = [], apply = [] } of units) {
    for (const change of apply) {
      if (change.type !== "admit") continue;
      const { id, slot } = change;
      const limit = (job(id) ?? insert.find((one) => one.id === id))?.limit;
      if (limit) slots.add(`${slot}/${limit.key}`);
    }
  }
  return [...slots];
}
