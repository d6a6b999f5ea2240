import { type Clock, Deadline } from "@jobq/core";
import type { Rate } from "./rate.ts";

/** A rate of one worker: each job that begins takes a place, which is free again after the span. */
export class OwnRate implements Rate {
  readonly #clock: Clock;
  readonly #max: number;
  readonly #perMs: number;
  #taken: Deadline[] = [];

  constructor(clock: Clock, max: number, perMs: number) {
    this.#clock = clock;
    this.#max = max;
    this.#perMs = perMs;
  }

  free(): number {
    const first = this.#taken.findIndex((place) => !place.isOver);
    if (first !== 0) this.#taken = first < 0 ? [] : this.#taken.slice(first);
    return Math.max(0, this.#max - this.#taken.length);
  }

  get nextInMs(): number {
    return this.#taken[0]?.leftMs ?? 0;
  }

  take(count: number): number {
    const taken = Math.min(count, this.free());
    for (let n = 0; n < taken; n++) this.#taken.push(new Deadline(this.#clock, this.#perMs));
    return taken;
  }
}
