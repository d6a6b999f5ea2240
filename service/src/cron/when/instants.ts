import { outOfRange, type Timestamp, wrongType } from "@jobq/core";
import type { Cron } from "croner";
import { checkWhen } from "./check-when.ts";
import { cronPattern } from "./cron-pattern.ts";
import { timeOfDay } from "./time-of-day.ts";
import { checkTimezone } from "./timezone.ts";
import { WEEKDAYS } from "./weekly.ts";
import type { When } from "./when.ts";

/** The instants of one `When` in one zone, in both directions. */
export interface Instants {
  /** The first after `at`, undefined when there is none. */
  next(at: Timestamp): Timestamp | undefined;
  /** The latest ones up to and with `at`, latest first, at most `count`. */
  latest(at: Timestamp, count: number): Timestamp[];
}

/**
 * Returns the first instant after `after`; undefined if there is none. It is the same in every process, whatever its
 * time zone and clock.
 * @param timezone an IANA name; `"UTC"`
 * @throws {TypeError | RangeError} not a `When`, an invalid instant, or an unknown time zone
 */
export function nextInstant(when: When, after: Timestamp, timezone = "UTC"): Timestamp | undefined {
  if (typeof after !== "number") throw wrongType("after", "epoch milliseconds", after);
  if (Number.isNaN(new Date(after).getTime())) throw outOfRange("after", "a valid instant", after);
  return instantsOf(checkWhen(when), checkTimezone(timezone)).next(after);
}

const MAX_KEPT = 1000;

/** Making one takes 100 µs. */
const kept = new Map<string, Instants>();

/** The instants of a `When` that was checked. */
export function instantsOf(when: When, timezone: string): Instants {
  if (when.type === "every") return ofInterval(when);
  const expression = expressionOf(when);
  const key = `${timezone} ${expression}`;
  const known = kept.get(key);
  if (known) return known;
  const instants = ofPattern(cronPattern(expression, timezone));
  if (kept.size >= MAX_KEPT) kept.clear();
  kept.set(key, instants);
  return instants;
}

function expressionOf(when: Exclude<When, { type: "every" }>): string {
  if (when.type === "cron") return when.expression;
  const { hour, minute, second } = timeOfDay(when.time);
  return `${second} ${minute} ${hour} * * ${when.type === "weekly" ? WEEKDAYS.indexOf(when.day) : "*"}`;
}

function ofInterval({ everyMs, fromAt }: When & { type: "every" }): Instants {
  const upTo = (at: Timestamp): Timestamp => fromAt + Math.floor((at - fromAt) / everyMs) * everyMs;
  return {
    next: (at) => Math.max(upTo(at) + everyMs, fromAt),
    latest: (at, count) =>
      Array.from({ length: count }, (_, index) => upTo(at) - index * everyMs).filter((instant) => instant >= fromAt),
  };
}

function ofPattern(pattern: Cron): Instants {
  // A schedule asks again for what it found last: finding it takes 100 µs.
  let last: { readonly at: Timestamp; readonly next: Timestamp | undefined } | undefined;
  return {
    next(at) {
      if (last?.at !== at) last = { at, next: pattern.nextRun(new Date(at))?.getTime() };
      return last.next;
    },
    // croner counts in seconds and looks before its reference.
    latest: (at, count) =>
      pattern.previousRuns(count, new Date(Math.floor(at / 1000) * 1000 + 1000)).map((date) => date.getTime()),
  };
}
