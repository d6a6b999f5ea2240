import type { Clock, MonotonicClock } from "../clock.ts";
import { monotonicOf } from "./monotonic.ts";

/**
 * The end of a wait, a number of milliseconds after its creation, by the monotonic clock: unaffected if the wall clock
 * is set.
 */
export class Deadline {
  readonly #clock: MonotonicClock;
  #end: number;
  /** Sets the timers anew of those who wait for the end. */
  #waiting: Set<() => void> | undefined;

  /** @param ms how long it waits; `Infinity` for a wait without an end */
  constructor(clock: Clock, ms: number) {
    this.#clock = monotonicOf(clock);
    this.#end = this.#clock.elapsed() + ms;
  }

  /** The number of milliseconds left; 0 once it is over. */
  get leftMs(): number {
    return Math.max(this.#end - this.#clock.elapsed(), 0);
  }

  get isOver(): boolean {
    return this.leftMs === 0;
  }

  /** Moves the end forward to `ms` from now; never later. */
  hurry(ms: number): void {
    if (ms >= this.leftMs) return;
    this.#end = this.#clock.elapsed() + ms;
    for (const arm of this.#waiting ?? []) arm();
  }

  /** Calls `ring` once when it is over, never within this call; otherwise as {@link Clock.alarm}. */
  onOver(ring: () => void, background?: boolean): () => void {
    let undo = (): void => {};
    this.#waiting ??= new Set();
    const waiting = this.#waiting;
    const arm = (): void => {
      undo();
      const { leftMs } = this;
      if (leftMs < Infinity) undo = this.#clock.after(leftMs, check, background);
    };
    const check = (): void => {
      if (this.isOver) {
        waiting.delete(arm);
        ring();
      } else arm();
    };
    waiting.add(arm);
    arm();
    return () => {
      waiting.delete(arm);
      undo();
    };
  }
}
