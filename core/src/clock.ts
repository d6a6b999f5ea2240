/** An instant: milliseconds since the Unix epoch. */
export type Timestamp = number;

/** The time as a store's users agree on it, and the means to wait for an instant of it. */
export interface Clock {
  now(): Timestamp;
  /**
   * Calls `ring` once, when `now()` has reached `at` or later; the answer takes the alarm back. One in the background
   * does not keep the process alive.
   */
  alarm(at: Timestamp, ring: () => void, background?: boolean): () => void;
  /** Brings `now` in line with the store's time; a clock that lives in the process answers at once. */
  sync(): Promise<void>;
}

/** Timers take at most 2^31 - 1 ms. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The process's own clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  alarm(at, ring, background = false) {
    let timer: ReturnType<typeof setTimeout>;
    const arm = (): void => {
      timer = setTimeout(check, Math.min(Math.max(at - Date.now(), 0), LONGEST_TIMER_MS));
      // Only Node, Deno and Bun have timers that can be let go of.
      if (background) (timer as { unref?: () => void }).unref?.();
    };
    // A timer may fire a little before the wall clock gets there, or long before where none takes so long a time.
    const check = (): void => (Date.now() >= at ? ring() : arm());
    arm();
    return () => clearTimeout(timer);
  },
  sync: () => Promise.resolve(),
};

interface Alarm {
  readonly at: Timestamp;
  readonly ring: () => void;
}

/** A clock that stands still until it is told otherwise: for tests and simulations. */
export class ManualClock implements Clock {
  #now: Timestamp;
  readonly #alarms = new Set<Alarm>();

  /** @param now the instant it starts at; by default one in 2026 */
  constructor(now: Timestamp = Date.UTC(2026, 0, 1)) {
    this.#now = now;
  }

  now(): Timestamp {
    return this.#now;
  }

  alarm(at: Timestamp, ring: () => void): () => void {
    const alarm = { at, ring };
    this.#alarms.add(alarm);
    return () => this.#alarms.delete(alarm);
  }

  sync(): Promise<void> {
    return Promise.resolve();
  }

  /** The instant of the earliest alarm, if one is set. */
  nextAlarmAt(): Timestamp | undefined {
    let next: Timestamp | undefined;
    for (const { at } of this.#alarms) if (next === undefined || at < next) next = at;
    return next;
  }

  /** Moves on by `ms` and rings, earliest first, every alarm whose instant is reached, seeing its own instant as now. */
  advance(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const at = this.nextAlarmAt();
      if (at === undefined || at > end) break;
      this.#now = Math.max(this.#now, at);
      for (const alarm of [...this.#alarms]) {
        if (alarm.at === at && this.#alarms.delete(alarm)) alarm.ring();
      }
    }
    this.#now = end;
  }
}
