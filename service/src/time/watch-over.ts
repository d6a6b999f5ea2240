import { type Clock, type Deadline, monotonicOf } from "@jobq/core";

/** Something that is to be done when it is due. */
export interface Due {
  /** In how many milliseconds it is due: 0 when it is, `Infinity` when it is not known to be. */
  readonly dueInMs: () => number;
  /** Does it, in the background. */
  readonly act: () => void;
}

/** The longest that a waiting call goes without asking what is due, which costs nothing while nothing is. */
const LONGEST_MS = 1000;

/** How much later than the timers that it stands in for. */
const LATER_MS = 20;

/**
 * Wakes a waiting call by timers of its own: calls `over` when its deadline is, and does what is due a moment after it
 * should have been done. Timers of other calls may never ring: some runtimes end them with the request that set them.
 * @returns what takes the timers back
 */
export function watchOver(clock: Clock, deadline: Deadline, due: Due, over: () => void): () => void {
  const { after } = monotonicOf(clock);
  const background = deadline.leftMs === Infinity;
  let undo: () => void;
  const arm = (): void => {
    undo = after(Math.min(deadline.leftMs, due.dueInMs() + LATER_MS, LONGEST_MS), ring, background);
  };
  const ring = (): void => {
    if (deadline.isOver) {
      over();
      return;
    }
    if (due.dueInMs() === 0) due.act();
    arm();
  };
  arm();
  return () => undo();
}
