import { type Clock, Deadline } from "@jobq/core";

/** Allows so many in any span of so long: each takes a place, which is free again after that. */
export class Rate {
  readonly #clock: Clock;
  readonly #max: number;
  readonly #perMs: number;
  #taken: Deadline[] = [];

  constructor(clock: Clock, max: number, perMs: number) {
    this.#clock = clock;
    this.#max = max;
    this.#perMs = perMs;
  }

  /** How many may begin now. */
  get free(): number {
    const first = this.#taken.findIndex((place) => !place.isOver);
    if (first !== 0) this.#taken = first < 0 ? [] : this.#taken.slice(first);
    return Math.max(0, this.#max - this.#taken.length);
  }

  /** In how many milliseconds one more may begin, when none may now. */
  get nextInMs(): number {
    return this.#taken[0]?.leftMs ?? 0;
  }

  /** One begins. */
  take(): void {
    this.#taken.push(new Deadline(this.#clock, this.#perMs));
  }
}
