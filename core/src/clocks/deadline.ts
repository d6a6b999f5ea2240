import type { Clock, MonotonicClock } from "../clock.ts";
import { monotonicOf } from "./monotonic.ts";

/** The end of a wait that began when it was made: some milliseconds later, whatever is done to the wall clock. */
export class Deadline {
  readonly #clock: MonotonicClock;
  readonly #end: number;

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

  /** Calls `ring` once when it is over, never within this call; the rest is as for {@link Clock.alarm}. */
  onOver(ring: () => void, background?: boolean): () => void {
    let undo = (): void => {};
    const arm = (): void => {
      const { leftMs } = this;
      if (leftMs < Infinity) undo = this.#clock.after(leftMs, check, background);
    };
    const check = (): void => (this.isOver ? ring() : arm());
    arm();
    return () => undo();
  }
}
