import { JobqError } from "@jobq/core";
import { lockByConnection } from "./connection-lock.ts";

/** A page that was reloaded may still hold the lock for a moment. */
const PATIENCE_MS = 1_000;

/**
 * Takes a database of the browser for this tab, since IndexedDB itself lets all tabs in; returns how to let it go.
 * @throws {DOMException} `TimeoutError` when another tab keeps it
 * @throws {JobqError} `STORE_FAILED` where there is nothing to keep other tabs out with
 */
export async function takeForTab(database: string): Promise<() => void> {
  const { navigator, indexedDB } = globalThis as Partial<typeof globalThis>;
  // Browsers have Web Locks only in secure contexts, which a page over plain http is not.
  if (navigator?.locks) return lockByName(navigator.locks, `jobq:${database}`);
  if (indexedDB) return lockByConnection(indexedDB, database, PATIENCE_MS);
  throw new JobqError("STORE_FAILED", "neither Web Locks nor IndexedDB is there to keep other tabs out");
}

function lockByName(locks: LockManager, name: string): Promise<() => void> {
  return new Promise((resolve, reject) => {
    const hold = (): Promise<void> => new Promise((release) => resolve(release));
    locks.request(name, { signal: AbortSignal.timeout(PATIENCE_MS) }, hold).catch(reject);
  });
}
