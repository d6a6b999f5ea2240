/** An instant: milliseconds since the Unix epoch. */
export type Timestamp = number;

/** The time on which all users of a store agree, and the means to wait for an instant of it. */
export interface Clock {
  /** The instant that it is now. It may be put right, so durations are not measured by it. */
  now(): Timestamp;
  /**
   * Calls `ring` once, never within this call, when `now()` has reached `at` in whatever way: with time, by a step, or
   * while the machine slept. Calling what it returns takes the alarm back. One in the background does not keep the
   * process alive.
   */
  alarm(at: Timestamp, ring: () => void, background?: boolean): () => void;
  /** Brings `now` in line with the store's time. Returns undefined when it is: there is nothing to wait for then. */
  sync(): Promise<void> | undefined;
  /** How durations are waited for; without it, by the process's own monotonic clock, as {@link monotonicOf} says. */
  readonly monotonic?: MonotonicClock | undefined;
}

/** Time that passes at an even pace and never steps, whatever is done to the wall clock: for durations. */
export interface MonotonicClock {
  /** Milliseconds since some moment, with fractions. May stand still while the machine sleeps. */
  elapsed(): number;
  /** Calls `ring` once, never within this call, when `ms` have passed; the rest is as for {@link Clock.alarm}. */
  after(ms: number, ring: () => void, background?: boolean): () => void;
}
