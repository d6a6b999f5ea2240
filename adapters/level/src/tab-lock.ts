/** What is used of the Web Locks API. */
interface Locks {
  request(name: string, options: { readonly signal: AbortSignal }, use: () => Promise<void>): Promise<unknown>;
}

/** A page that was reloaded may still hold the lock for a moment. */
const PATIENCE_MS = 1_000;

/**
 * Takes a database of the browser for this tab, since IndexedDB itself lets all tabs in; returns how to let it go.
 * @throws {DOMException} `TimeoutError` when another tab keeps it
 */
export async function takeForTab(database: string): Promise<() => void> {
  const { navigator } = globalThis as { readonly navigator?: { readonly locks?: Locks } };
  return navigator?.locks ? take(navigator.locks, `jobq:${database}`) : () => {};
}

function take(locks: Locks, name: string): Promise<() => void> {
  return new Promise((resolve, reject) => {
    const hold = (): Promise<void> => new Promise((release) => resolve(release));
    locks.request(name, { signal: AbortSignal.timeout(PATIENCE_MS) }, hold).catch(reject);
  });
}
