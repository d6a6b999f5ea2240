import type { Clock, MonotonicClock } from "../clock.ts";
import { monotonicOf } from "./monotonic.ts";

/** The end of a wait: some milliseconds after it was made, whatever is done to the wall clock. */
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

  /** How many milliseconds are left: 0 once it is over. */
  get leftMs(): number {
    return Math.max(this.#end - this.#clock.elapsed(), 0);
  }

  get isOver(): boolean {
    return this.leftMs === 0;
  }

  /** Brings the end forward to `ms` from now; never puts it off. */
  hurry(ms: number): void {
    if (ms >= this.leftMs) return;
    this.#end = this.#clock.elapsed() + ms;
    for (const arm of this.#waiting ?? []) arm();
  }

  /** Calls `ring` once when it is over, never within this call; the rest is as for {@link Clock.alarm}. */
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
