import type { MonotonicClock } from "@jobq/core";

/** How many times as long as it took to ask an answer is remembered, so that asking is never most of the work. */
const TIMES_AS_LONG = 20;

/** Asks for something at most once per stretch of time, however many want it. */
export class Remembered<T> {
  readonly #ask: () => Promise<T>;
  readonly #clock: MonotonicClock;
  readonly #forMs: number;
  #latest: Promise<T> | undefined;
  #until = 0;

  /** @param forMs how long an answer is remembered at least */
  constructor(ask: () => Promise<T>, clock: MonotonicClock, forMs: number) {
    this.#ask = ask;
    this.#clock = clock;
    this.#forMs = forMs;
  }

  /** What was asked for last, or is asked for now. A failure is remembered like a value. */
  get(): Promise<T> {
    const now = this.#clock.elapsed();
    if (this.#latest && now < this.#until) return this.#latest;
    const asked = this.#ask();
    this.#latest = asked;
    this.#until = Number.POSITIVE_INFINITY;
    const answered = (): void => {
      const tookMs = this.#clock.elapsed() - now;
      this.#until = now + Math.max(this.#forMs, tookMs * TIMES_AS_LONG);
    };
    asked.then(answered, answered);
    return asked;
  }
}
