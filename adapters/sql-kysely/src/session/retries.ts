import { backOff } from "./back-off.ts";
import { type FailureKind, failureKind, storeError } from "./failure.ts";

/** For how long, and how often, what failed since somebody was in the way is tried again. */
export interface Patience {
  readonly tries: number;
  readonly ms: number;
  /** The first pause, doubled at each try up to the longest. */
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
}

/** Where the database itself waits for locks, at each try. */
export const SERVER_PATIENCE: Patience = { tries: 12, ms: Infinity, firstPauseMs: 1, longestPauseMs: 250 };

/** On SQLite, which waits inside a statement as well. */
export const SQLITE_PATIENCE: Patience = { tries: Infinity, ms: 15_000, firstPauseMs: 10, longestPauseMs: 50 };

/**
 * Does it until it works, or fails in a way that another attempt would not mend. What was canceled is done again once:
 * a `lock_timeout` of PostgreSQL that ends just as the lock is had cancels whatever runs next, and says only that
 * somebody wanted it; who really wants a statement to end cancels it twice.
 * @param unanswered whether what failed may have lasting effects, should the connection have broken
 */
export async function withRetries<T>(
  { tries, ms, firstPauseMs, longestPauseMs }: Patience,
  once: (attempt: number) => Promise<T>,
  again: (kind: FailureKind) => boolean,
  unanswered: () => boolean = () => false,
): Promise<T> {
  const began = performance.now();
  let canceled = 0;
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await once(attempt);
    } catch (error) {
      const isOver = attempt + 1 >= tries || performance.now() - began >= ms;
      const kind = failureKind(error);
      const isOpen = kind === "canceled" ? ++canceled === 1 : again(kind);
      if (isOver || !isOpen) throw storeError(error, unanswered());
    }
    await backOff(Math.min(firstPauseMs * 2 ** attempt, longestPauseMs));
  }
}
