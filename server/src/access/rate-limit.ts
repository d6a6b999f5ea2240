import { checkOptions, type Duration, durationMs, type MonotonicClock, outOfRange, wrongType } from "@jobq/core";
import { Fault } from "../fault.ts";

/** A token bucket: up to `max` requests at once, refilled evenly over `per`. */
export interface Rate {
  /** The size of the bucket, at least 1. */
  readonly max: number;
  readonly per: Duration;
}

/** @throws {TypeError | RangeError} no rate */
export function checkRate(rate: Rate, what: string): Rate {
  if (typeof rate !== "object" || rate === null) throw wrongType(what, "an object with max and per", rate);
  checkOptions(rate, { max: true, per: true }, what);
  if (!Number.isInteger(rate.max) || rate.max < 1) throw outOfRange(`${what}.max`, "a whole number from 1", rate.max);
  if (durationMs(rate.per, `${what}.per`) === 0) throw outOfRange(`${what}.per`, "longer than nothing", rate.per);
  return rate;
}

interface Bucket {
  tokens: number;
  /** By the monotonic clock: a wall clock that is set gives and takes nothing. */
  filledAt: number;
}

/** Counts what callers ask for: a bucket of tokens for each, which fills up evenly. */
export class RateLimits {
  readonly #clock: MonotonicClock;
  readonly #buckets = new Map<string, Bucket>();

  constructor(clock: MonotonicClock) {
    this.#clock = clock;
  }

  /**
   * Takes a token of the caller's.
   * @throws {Fault} rate_limited, with the seconds after which there is one again
   */
  take(caller: string, { max, per }: Rate): void {
    const now = this.#clock.elapsed();
    const perMs = durationMs(per, "per");
    const bucket = this.#buckets.get(caller) ?? { tokens: max, filledAt: now };
    const gained = ((now - bucket.filledAt) / perMs) * max;
    bucket.tokens = Math.min(max, bucket.tokens + gained);
    bucket.filledAt = now;
    this.#buckets.set(caller, bucket);
    if (bucket.tokens < 1) {
      const seconds = Math.max(1, Math.ceil(((1 - bucket.tokens) * perMs) / max / 1000));
      throw new Fault("rate_limited", `too many requests: try again in ${seconds} s`, {
        headers: { "retry-after": String(seconds) },
      });
    }
    bucket.tokens -= 1;
  }
}
