import type { Clock, MonotonicClock, Timestamp } from "../clock.ts";

interface Alarm {
  /** What it waits for: an instant, or a reading of the monotonic clock. */
  readonly due: number;
  readonly by: "wall" | "monotonic";
  readonly ring: () => void;
}

/** A clock that stands still until you move it, for tests and simulations. */
export class ManualClock implements Clock {
  readonly monotonic: MonotonicClock;
  #now: Timestamp;
  #elapsed = 0;
  readonly #alarms = new Set<Alarm>();

  /** @param now the instant it starts at; by default one in 2026 */
  constructor(now: Timestamp = Date.UTC(2026, 0, 1)) {
    this.#now = now;
    this.monotonic = {
      elapsed: () => this.#elapsed,
      after: (ms, ring) => this.#set({ due: this.#elapsed + ms, by: "monotonic", ring }),
    };
  }

  now(): Timestamp {
    return this.#now;
  }

  alarm(at: Timestamp, ring: () => void): () => void {
    return this.#set({ due: at, by: "wall", ring });
  }

  sync(): undefined {
    return undefined;
  }

  /** Returns the instant at which the next alarm rings if time passes; undefined if there is none. */
  nextAlarmAt(): Timestamp | undefined {
    const leftMs = this.#shortestLeftMs();
    return leftMs === undefined ? undefined : this.#now + leftMs;
  }

  /**
   * Moves the time forward by `ms` and rings every alarm that is reached, earliest first; each sees its own instant as
   * now. A negative `ms` is a {@link step}, because durations never run backwards.
   */
  advance(ms: number): void {
    if (ms < 0) {
      this.step(ms);
      return;
    }
    const end = this.#elapsed + ms;
    for (;;) {
      const leftMs = this.#shortestLeftMs();
      if (leftMs === undefined || this.#elapsed + leftMs > end) break;
      const reached = [...this.#alarms].filter((alarm) => this.#leftMs(alarm) === leftMs);
      this.#pass(Math.max(leftMs, 0));
      for (const alarm of reached) if (this.#alarms.delete(alarm)) alarm.ring();
    }
    this.#pass(end - this.#elapsed);
  }

  /** Sets the wall clock ahead or back by `ms` while no time passes. Alarms whose instant is reached ring. */
  step(ms: number): void {
    this.#now += ms;
    this.advance(0);
  }

  #set(alarm: Alarm): () => void {
    this.#alarms.add(alarm);
    return () => this.#alarms.delete(alarm);
  }

  #leftMs({ due, by }: Alarm): number {
    return due - (by === "wall" ? this.#now : this.#elapsed);
  }

  #shortestLeftMs(): number | undefined {
    let shortest: number | undefined;
    for (const alarm of this.#alarms) shortest = Math.min(this.#leftMs(alarm), shortest ?? Infinity);
    return shortest;
  }

  #pass(ms: number): void {
    this.#now += ms;
    this.#elapsed += ms;
  }
}
