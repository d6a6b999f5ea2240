import type { Clock, Timestamp } from "@jobq/core";

/** Asks for something at most once per stretch of time, however many want it. */
export class Remembered<T> {
  readonly #ask: () => Promise<T>;
  readonly #clock: Clock;
  readonly #forMs: number;
  #latest: { readonly value: Promise<T>; readonly at: Timestamp } | undefined;

  constructor(ask: () => Promise<T>, clock: Clock, forMs: number) {
    this.#ask = ask;
    this.#clock = clock;
    this.#forMs = forMs;
  }

  /** What was asked for last, or is asked for now. A failure is remembered like a value. */
  get(): Promise<T> {
    const now = this.#clock.now();
    if (!this.#latest || now < this.#latest.at || now - this.#latest.at >= this.#forMs) {
      this.#latest = { value: this.#ask(), at: now };
    }
    return this.#latest.value;
  }
}
