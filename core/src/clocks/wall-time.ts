import type { Timestamp } from "../clock.ts";

/** How much the wall clock may differ from the monotonic one without having been set, and per millisecond that passes. */
const STEP_MS = 100;
const DRIFT = 1 / 1000;

/** How much slower time goes while it is ahead of the wall clock. */
const SLOWER = 1 / 10;

/** A wall clock that is set back by more than this is followed at once. */
const LONGEST_LEAD_MS = 86_400_000;

interface Reading {
  readonly wall: Timestamp;
  readonly elapsed: number;
}

/**
 * The wall clock without its steps back: when it is set back, time goes on a tenth slower until the wall clock has
 * caught up, so that what was waited for still comes. Steps ahead are followed at once, and so is a step back of more
 * than a day.
 */
export class WallTime {
  /** How far it is ahead of the wall clock. */
  #leadMs = 0;
  #last: Timestamp = Number.NEGATIVE_INFINITY;
  #seen: Reading | undefined;

  now(): Timestamp {
    const wall = Date.now();
    if (this.#leadMs > 0 || wall < this.#last) return this.look();
    this.#last = wall;
    return wall;
  }

  /** As `now`, but notices every step back: what waits calls it now and then. */
  look(): Timestamp {
    const reading = { wall: Date.now(), elapsed: performance.now() };
    this.#leadMs = this.#leadAt(reading);
    this.#seen = reading;
    this.#last = Math.floor(reading.wall + this.#leadMs);
    return this.#last;
  }

  #leadAt(reading: Reading): number {
    const { wall, elapsed } = this.#seen ?? reading;
    const passedMs = reading.elapsed - elapsed;
    const stepMs = reading.wall - wall - passedMs;
    const isStep = Math.abs(stepMs) > STEP_MS + passedMs * DRIFT;
    const rest = Math.max(this.#leadMs - passedMs * SLOWER, 0);
    const lead = Math.max(isStep ? rest - stepMs : rest, this.#last - reading.wall, 0);
    // A monotonic clock that runs backwards is another one: both were replaced, as tests do.
    return lead > LONGEST_LEAD_MS || passedMs < 0 ? 0 : lead;
  }
}
