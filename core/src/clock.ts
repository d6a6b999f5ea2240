/** An instant: milliseconds since the Unix epoch. */
export type Timestamp = number;

/** The time on which all users of a store agree, with a way to wait for an instant. */
export interface Clock {
  /** Returns the current instant. It may be corrected, so do not measure durations with it. */
  now(): Timestamp;
  /**
   * Calls `ring` once, never within this call, when `now()` has reached `at`: by the passing of time, by a step of the
   * clock, or while the machine slept. The returned function cancels the alarm. An alarm in the background does not
   * keep the process alive.
   */
  alarm(at: Timestamp, ring: () => void, background?: boolean): () => void;
  /**
   * Brings `now` in line with the store's time. Returns undefined if it already is, so that nothing has to be awaited.
   */
  sync(): Promise<void> | undefined;
  /** The clock for durations; by default the monotonic clock of the process, see {@link monotonicOf}. */
  readonly monotonic?: MonotonicClock | undefined;
}

/** A clock for durations: its time passes evenly and never steps, even if the wall clock is set. */
export interface MonotonicClock {
  /** Returns milliseconds since some moment, with fractions. It may stand still while the machine sleeps. */
  elapsed(): number;
  /** Calls `ring` once, never within this call, after `ms` milliseconds; otherwise as {@link Clock.alarm}. */
  after(ms: number, ring: () => void, background?: boolean): () => void;
}
