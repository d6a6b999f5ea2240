import type { Level } from "./level.ts";

/** What is used of the Web Locks API. */
interface Locks {
  request(name: string, options: { readonly signal: AbortSignal }, use: () => Promise<void>): Promise<unknown>;
}

interface Hold {
  users: number;
  readonly taken: Promise<() => void>;
}

/** Marks a database that this tab holds, across all who share the object. */
const HOLD = Symbol.for("jobq.level.hold");
type Held = Level & { [HOLD]?: Hold };

/** A page that was reloaded may still hold the lock for a moment. */
const PATIENCE_MS = 1_000;

/**
 * Takes a database of the browser for this tab, since IndexedDB itself lets all tabs in; answers how to let it go.
 * Other databases, and browsers without Web Locks, need or have no such lock.
 * @throws {DOMException} `TimeoutError` when another tab keeps it
 */
export async function takeForTab(level: Held, location: string | undefined): Promise<() => void> {
  const { type } = level as { readonly type?: unknown };
  const { navigator } = globalThis as { readonly navigator?: { readonly locks?: Locks } };
  const locks = type === "browser-level" && location !== undefined ? navigator?.locks : undefined;
  if (!locks) return () => {};
  level[HOLD] ??= { users: 0, taken: take(locks, `jobq:${location}`) };
  const hold = level[HOLD];
  try {
    const release = await hold.taken;
    hold.users++;
    return () => {
      if (--hold.users > 0) return;
      delete level[HOLD];
      release();
    };
  } catch (error) {
    delete level[HOLD];
    throw error;
  }
}

function take(locks: Locks, name: string): Promise<() => void> {
  return new Promise((resolve, reject) => {
    const hold = (): Promise<void> => new Promise((release) => resolve(release));
    locks.request(name, { signal: AbortSignal.timeout(PATIENCE_MS) }, hold).catch(reject);
  });
}
