/** What links take. Like the other one it is rare: bundlers make it a file of its own, so that a page begins with less. */
export const loadLinkedInsert = once(() => import("./linked-insert.ts"));

/** What a rule of a unique key takes, where another job holds it. */
export const loadUniqueConflict = once(() => import("./unique-conflict.ts"));

/**
 * Loads them while nothing waits for them: when they are needed, a page may be offline. One that cannot be had yet is
 * tried for again by who needs it, and is that one's error.
 */
export function loadAhead(): void {
  for (const load of [loadLinkedInsert, loadUniqueConflict]) load().catch(() => {});
}

/** Loads it again only after it failed: it is then there at once, without a turn of the event loop. */
function once<Part>(load: () => Promise<Part>): () => Promise<Part> {
  let loading: Promise<Part> | undefined;
  return () => {
    loading ??= load().catch((error) => {
      loading = undefined;
      throw error;
    });
    return loading;
  };
}
