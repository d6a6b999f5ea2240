import type { Clock, MonotonicClock, Timestamp } from "../clock.ts";
import { wrongType } from "../errors.ts";
import { alarmSleepMs } from "./alarm-sleep.ts";
import { monotonicOf } from "./monotonic.ts";
import { createSystemClock } from "./system-clock.ts";

/** The longest that `now` goes by one measurement. */
const GOOD_FOR_MS = 10_000;

/** How much further than the monotonic clock the wall clock may come by itself, and per millisecond that passes. */
const STEADY_MS = 100;
const DRIFT = 1 / 1000;

/** A measurement that took longer than this is made again, a few times. */
const PROMPT_MS = 20;
const MAX_MEASUREMENTS = 3;

/**
 * Creates a clock for a store that several hosts share. It tells the store's time: the last answer plus the time since,
 * by the monotonic clock, so the local wall clock may be wrong or set. `sync` asks the store if the last answer is over
 * 10 seconds old or the machine has slept since; alarms ask only after a sleep.
 * @param readStoreTime asks the store for its time, in epoch milliseconds
 * @param local the clock of the process
 */
export function offsetClock(readStoreTime: () => Promise<Timestamp>, local: Clock = createSystemClock()): Clock {
  return new OffsetClock(readStoreTime, local);
}

class OffsetClock implements Clock {
  readonly monotonic: MonotonicClock;
  readonly #read: () => Promise<Timestamp>;
  readonly #local: Clock;
  /** The store's time when the monotonic clock was at 0, and its reading when that was measured. */
  #measured: { readonly zeroAt: Timestamp; readonly elapsed: number } | undefined;
  #measuring: Promise<void> | undefined;
  /** Both clocks of the process when they were last looked at. */
  #seen: { readonly local: Timestamp; readonly elapsed: number };
  #slept = false;

  constructor(read: () => Promise<Timestamp>, local: Clock) {
    this.monotonic = monotonicOf(local);
    this.#read = read;
    this.#local = local;
    this.#seen = this.#look();
  }

  /** By the local clock until the store was asked. */
  now(): Timestamp {
    return this.#measured ? Math.floor(this.#measured.zeroAt + this.monotonic.elapsed()) : this.#local.now();
  }

  alarm(at: Timestamp, ring: () => void, background?: boolean): () => void {
    let undo = (): void => {};
    let isSet = true;
    const check = (): void => {
      if (!isSet) return;
      if (this.now() >= at) ring();
      // When the store is away it is asked again at the next look; what the alarm leads to asks too, and reports.
      else if (this.#measured && this.#hasSlept()) this.#measure().then(check, arm);
      else arm();
    };
    const arm = (): void => {
      if (isSet) undo = this.monotonic.after(alarmSleepMs(at - this.now()), check, background);
    };
    arm();
    return () => {
      isSet = false;
      undo();
    };
  }

  /** Calls at the same time share a measurement. */
  sync(): Promise<void> | undefined {
    const ageMs = this.monotonic.elapsed() - (this.#measured?.elapsed ?? Number.NEGATIVE_INFINITY);
    return ageMs < GOOD_FOR_MS && !this.#hasSlept() ? undefined : this.#measure();
  }

  #measure(): Promise<void> {
    this.#measuring ??= this.#measureOnce().finally(() => {
      this.#measuring = undefined;
    });
    return this.#measuring;
  }

  /** An answer is taken to have been given half-way between the question and its arrival. */
  async #measureOnce(): Promise<void> {
    await this.#local.sync();
    this.#seen = this.#look();
    const before = this.#measured?.zeroAt;
    let shortestMs = Infinity;
    for (let turn = 0; turn < MAX_MEASUREMENTS && shortestMs > PROMPT_MS; turn++) {
      const asked = this.monotonic.elapsed();
      const answer = instantOf(await this.#read());
      const elapsed = this.monotonic.elapsed();
      const tookMs = elapsed - asked;
      const zeroAt = answer - asked - tookMs / 2;
      // One that says nothing against the last does not replace it, which may have been the quicker.
      const agrees = before !== undefined && Math.abs(zeroAt - before) <= tookMs / 2 + 1;
      if (agrees || tookMs < shortestMs) this.#measured = { zeroAt: agrees ? before : zeroAt, elapsed };
      if (agrees) break;
      shortestMs = Math.min(tookMs, shortestMs);
    }
    this.#slept = false;
  }

  /** A machine that sleeps stops its monotonic clock, and its wall clock is ahead of it afterwards; as it is when set. */
  #hasSlept(): boolean {
    const seen = this.#look();
    const passedMs = seen.elapsed - this.#seen.elapsed;
    const aheadMs = seen.local - this.#seen.local - passedMs;
    if (aheadMs > STEADY_MS + passedMs * DRIFT) this.#slept = true;
    this.#seen = seen;
    return this.#slept;
  }

  #look(): { readonly local: Timestamp; readonly elapsed: number } {
    return { local: this.#local.now(), elapsed: this.monotonic.elapsed() };
  }
}

function instantOf(answer: Timestamp): Timestamp {
  if (typeof answer === "number" && Number.isFinite(answer)) return answer;
  throw wrongType("the store's time", "an instant in milliseconds", answer);
}
