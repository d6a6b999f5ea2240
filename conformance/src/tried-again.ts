import { isLocked, type Unit, type UnitOutcome } from "@jobq/core";

/** How long a unit is tried, and how often. */
const LIMIT_MS = 10_000;
const PAUSE_MS = 5;

const made = new WeakMap<object, object>();

/** The store behind one that {@link triedAgain} returned. */
export function asMade<S extends object>(store: S): S {
  return (made.get(store) as S | undefined) ?? store;
}

interface Committer {
  commit(units: readonly Unit[]): Promise<UnitOutcome[]>;
}

/**
 * The store as services use it: units that are LOCKED are tried again. Two commits at once that need the same job may be
 * in each other's way for a moment.
 */
export function triedAgain<S extends object>(store: S): S {
  const { commit, jobs } = store as Partial<Committer> & { readonly jobs?: Committer };
  const again = commit && ((units: readonly Unit[]) => commitAgain((some) => commit.call(store, some), units));
  const itsJobs = jobs && triedAgain(jobs);
  const around = new Proxy(store, {
    get(target, name) {
      if (name === "commit" && again) return again;
      if (name === "jobs" && itsJobs) return itsJobs;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  made.set(around, store);
  return around;
}

async function commitAgain(commit: Committer["commit"], units: readonly Unit[]): Promise<UnitOutcome[]> {
  const outcomes = await commit(units);
  const end = performance.now() + LIMIT_MS;
  for (;;) {
    const locked = [...outcomes.keys()].filter((index) => isLocked(outcomes[index] as UnitOutcome));
    if (locked.length === 0 || performance.now() > end) return outcomes;
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    const next = await commit(locked.map((index) => units[index] as Unit));
    for (const [position, index] of locked.entries()) outcomes[index] = next[position] as UnitOutcome;
  }
}
