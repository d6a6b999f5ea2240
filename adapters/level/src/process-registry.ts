import type { Level } from "./level.ts";

/** What this thread has open, as all copies of this package know it. */
interface Registry {
  readonly databases: Map<string, WeakRef<Level>>;
  readonly states: WeakMap<Level, Map<string, unknown>>;
  readonly tabLocks: WeakMap<Level, () => void>;
  readonly turns: Map<unknown, Promise<unknown>>;
}

const REGISTRY = Symbol.for("jobq.level.registry");

function registry(): Registry {
  const place = globalThis as { [REGISTRY]?: Registry };
  place[REGISTRY] ??= { databases: new Map(), states: new WeakMap(), tabLocks: new WeakMap(), turns: new Map() };
  return place[REGISTRY];
}

/** What the repositories over a database share, by kind of repository; empty when none has the database. */
export function statesOf(database: Level): Map<string, unknown> {
  const { states } = registry();
  const some = states.get(database) ?? new Map<string, unknown>();
  states.set(database, some);
  return some;
}

/** The database object that was opened under that name last, while it is still there. */
export function databaseNamed(name: string): Level | undefined {
  return registry().databases.get(name)?.deref();
}

/** Makes it known that the database is open under that name. */
export function registerDatabase(name: string, database: Level): void {
  registry().databases.set(name, new WeakRef(database));
}

/** Forgets the name, if it is still that database's. */
export function forgetDatabase(name: string, database: Level): void {
  if (databaseNamed(name) === database) registry().databases.delete(name);
}

/** How to let the tab's lock on a database go, for databases that this tab has locked. */
export function tabLocks(): WeakMap<Level, () => void> {
  return registry().tabLocks;
}

/** Does `work` when everything else for that key is done. */
export async function inTurn<T>(key: unknown, work: () => Promise<T>): Promise<T> {
  const { turns } = registry();
  const turn = (turns.get(key) ?? Promise.resolve()).then(work, work);
  turns.set(key, turn);
  try {
    return await turn;
  } finally {
    if (turns.get(key) === turn) turns.delete(key);
  }
}
