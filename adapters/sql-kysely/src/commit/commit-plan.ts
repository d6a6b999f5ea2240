import { heldKey, heldSlot, type JobHead, type JobId, type Unit, unitIds } from "@jobq/core";
import { type ChangeSetName, changeSetOf, mayFree } from "./change-sets.ts";

/** How the units of a commit are stored; each is in one place. */
export interface CommitPlan {
  /** Positions of units that only insert, and could not meet a held key. */
  readonly inserts: readonly number[];
  /**
   * Positions of units that are one change, maybe with notes on the same job or with its purge, by the set that makes it.
   * Admissions come first: one that then finds its slot held may come after what frees it, or before, so the order tells.
   */
  readonly sets: ReadonlyMap<ChangeSetName, readonly number[]>;
  /** Positions of the other units, in order. */
  readonly rest: readonly number[];
}

type Way = "insert" | ChangeSetName | undefined;

/**
 * Plans a commit. The order between units that share no job and no unique key cannot be told from outside, so they
 * are stored in sets; if any two share a job, all units are stored one by one, in order.
 * @param changeInSets false where an update cannot return the rows it made
 */
export function planCommit(units: readonly Unit[], changeInSets: boolean): CommitPlan {
  const each = units.map((unit) => wayOf(unit, changeInSets));
  // What is stored one by one may free the slots that others take, or take them before.
  const ways = each.includes(undefined) ? each.map((way) => (way === "admit" ? undefined : way)) : each;
  if (shareJobs(units)) return { inserts: [], sets: new Map(), rest: units.map((_, index) => index) };
  const isTaken = ways.includes(undefined) && units.some((unit, index) => !ways[index] && mayTake(unit));
  const inserts: number[] = [];
  const sets = new Map<ChangeSetName, number[]>(ways.includes("admit") ? [["admit", []]] : []);
  const rest: number[] = [];
  for (const [index, way] of ways.entries()) {
    if (way === "insert") inserts.push(index);
    // What ends a job may free the key or slot that another unit takes, or not yet: the order tells.
    else if (way === undefined || (isTaken && mayFree(way))) rest.push(index);
    else if (!sets.get(way)?.push(index)) sets.set(way, [index]);
  }
  return { inserts, sets, rest };
}

function wayOf({ insert = [], apply = [], note = [], forget, remove, purge = [] }: Unit, changes: boolean): Way {
  if (forget?.length || remove?.length) return undefined;
  if (insert.length > 0) {
    return apply.length + note.length + purge.length > 0 || insert.some(takesSomething) ? undefined : "insert";
  }
  const [change, another] = apply;
  const isSet = changes && change && !another && note.every(({ id }) => id === change.id);
  if (!isSet) return undefined;
  if (purge.length === 0) return changeSetOf(change);
  return change.type === "done" && note.length === 0 && purge.every((id) => id === change.id) ? "finish" : undefined;
}

/** True for a job that keeps others from taking a unique key or a slot. */
function takesSomething(job: JobHead): boolean {
  return heldKey(job) !== undefined || heldSlot(job) !== undefined;
}

function mayTake({ insert, apply }: Unit): boolean {
  return !!insert?.some(takesSomething) || !!apply?.some(({ type }) => type === "reset" || type === "admit");
}

function shareJobs(units: readonly Unit[]): boolean {
  if (units.length < 2 && !units[0]?.insert?.length) return false;
  const seen = new Map<JobId, Unit>();
  for (const unit of units) {
    const insertedTwice =
      unit.insert !== undefined && new Set(unit.insert.map(({ id }) => id)).size < unit.insert.length;
    if (insertedTwice) return true;
    for (const id of unitIds(unit)) {
      if ((seen.get(id) ?? unit) !== unit) return true;
      seen.set(id, unit);
    }
  }
  return false;
}
