import type { Clock, Timestamp } from "@jobq/core";

/** A measurement holds so long, as long as the local clock goes on steadily. */
const GOOD_FOR_MS = 1_000;
const STEADY_MS = 20;

/** A measurement that took longer than this is made again, a few times. */
const PROMPT_MS = 20;
const MAX_MEASUREMENTS = 3;

/**
 * The database's time: a local clock and how far it is off, measured by `sync`. An answer is taken to have been given
 * half-way between the question and its arrival.
 */
export class SqlClock implements Clock {
  readonly #local: Clock;
  readonly #ask: () => Promise<Timestamp>;
  #offsetMs = 0;
  #measuredAt: { readonly local: Timestamp; readonly steady: number } | undefined;
  #measuring: Promise<void> | undefined;

  /** @param ask answers the database's time */
  constructor(local: Clock, ask: () => Promise<Timestamp>) {
    this.#local = local;
    this.#ask = ask;
  }

  now(): Timestamp {
    return this.#local.now() + this.#offsetMs;
  }

  alarm(at: Timestamp, ring: () => void, background?: boolean): () => void {
    let cancel: () => void;
    const arm = (): void => {
      cancel = this.#local.alarm(at - this.#offsetMs, check, background);
    };
    // The offset may have been measured anew since.
    const check = (): void => (this.now() >= at ? ring() : arm());
    arm();
    return () => cancel();
  }

  /** Measures, unless that was done a moment ago. Calls at the same time share a measurement. */
  sync(): Promise<void> {
    if (this.#isFresh()) return Promise.resolve();
    this.#measuring ??= this.#measure().finally(() => {
      this.#measuring = undefined;
    });
    return this.#measuring;
  }

  async #measure(): Promise<void> {
    await this.#local.sync();
    let shortest = Number.POSITIVE_INFINITY;
    for (let turn = 0; turn < MAX_MEASUREMENTS && shortest > PROMPT_MS; turn += 1) {
      const asked = this.#local.now();
      const answer = await this.#ask();
      const tookMs = this.#local.now() - asked;
      if (tookMs >= shortest) continue;
      shortest = tookMs;
      this.#offsetMs = Math.round(answer - asked - tookMs / 2);
    }
    this.#measuredAt = { local: this.#local.now(), steady: performance.now() };
  }

  /** False also when the local clock was set since, or stands still. */
  #isFresh(): boolean {
    if (!this.#measuredAt) return false;
    const { local, steady } = this.#measuredAt;
    const passed = performance.now() - steady;
    return passed < GOOD_FOR_MS && Math.abs(this.#local.now() - local - passed) < STEADY_MS;
  }
}
