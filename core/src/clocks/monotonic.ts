import type { Clock, MonotonicClock } from "../clock.ts";

/** Timers take at most 2^31 - 1 ms. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The process's own monotonic clock. */
export const systemMonotonic: MonotonicClock = {
  elapsed: () => performance.now(),
  after(ms, ring, background = false) {
    const end = performance.now() + ms;
    let undo: () => void;
    const arm = (): void => {
      undo = setTimer(end - performance.now(), check, background);
    };
    // A timer may fire a fraction of a millisecond early, or long before where none takes so long a time.
    const check = (): void => (performance.now() >= end ? ring() : arm());
    arm();
    return () => undo();
  },
};

/** Returns the monotonic clock of `clock`; if it has none, that of the process. */
export function monotonicOf(clock: Clock): MonotonicClock {
  return clock.monotonic ?? systemMonotonic;
}

/** A timer of the platform's, cut down to what that can take; returns what takes it back. */
export function setTimer(ms: number, ring: () => void, background: boolean): () => void {
  const timer = setTimeout(ring, Math.ceil(Math.min(Math.max(ms, 0), LONGEST_TIMER_MS)));
  // Only Node, Deno and Bun have timers that can be let go of.
  if (background) (timer as { unref?: () => void }).unref?.();
  return () => clearTimeout(timer);
}
