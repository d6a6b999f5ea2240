import type { Timestamp } from "@jobq/core";
import type { Instants } from "../when/instants.ts";

/**
 * What happens to missed instants, because all processes were down or could not keep up: `skip`, no job; `one`, one job
 * for all of them; `all`, one job each.
 */
export type Missed = (typeof MISSED)[number];

/** Every way to treat them. */
export const MISSED = ["skip", "one", "all"] as const;

/** How a schedule treats instants that have passed. */
export interface DuePolicy {
  readonly missed: Missed;
  /** With `all`: how many of the latest are made up; without it, every one. */
  readonly most?: number | undefined;
  /** No instant after this one counts. */
  readonly untilAt?: Timestamp | undefined;
}

/** What a schedule owes at an instant. */
export interface Due {
  /** The instants that give a job now, earliest first. */
  readonly instants: readonly Timestamp[];
  /** Up to and with this one every instant is dealt with. */
  readonly handledTo: Timestamp;
  /**
   * The first that is not; it has passed already where there were more than {@link PAGE}. Undefined: the schedule is
   * over.
   */
  readonly nextAt: Timestamp | undefined;
}

/** So many instants at most are made up in one unit. */
export const PAGE = 100;

/** An instant that is later than this counts as missed; what is on time is at most so late. */
const GRACE_MS = 60_000;

/** Works out which instants after `handledTo` give a job at `now`. */
export function dueInstants(instants: Instants, policy: DuePolicy, handledTo: Timestamp, now: Timestamp): Due {
  const { missed, untilAt = Number.POSITIVE_INFINITY } = policy;
  const { passed, next } = passedInstants(instants, policy, handledTo, Math.min(now, untilAt));
  return {
    instants: missed === "skip" ? passed.filter((at) => now - at <= GRACE_MS) : passed,
    handledTo: passed.at(-1) ?? handledTo,
    nextAt: next !== undefined && next <= untilAt ? next : undefined,
  };
}

interface Row {
  /** Earliest first. */
  readonly passed: readonly Timestamp[];
  /** The instant that follows them. */
  readonly next: Timestamp | undefined;
}

/** Those up to and with `upTo` that the policy does not pass over, at most a page. */
function passedInstants(instants: Instants, policy: DuePolicy, handledTo: Timestamp, upTo: Timestamp): Row {
  const most = policy.missed === "all" ? policy.most : 1;
  const first = instants.next(handledTo);
  const row = rowFrom(instants, first, upTo, Math.min(most ?? PAGE, PAGE));
  if (first === undefined || most === undefined || row.next === undefined || row.next > upTo) return row;
  // There may be more of them than are to be made up.
  return rowFrom(instants, Math.max(first, instants.latest(upTo, most).at(-1) ?? first), upTo, PAGE);
}

/** As many as are wanted in a row, from the first on. */
function rowFrom(instants: Instants, first: Timestamp | undefined, upTo: Timestamp, count: number): Row {
  const passed: Timestamp[] = [];
  let next = first;
  while (next !== undefined && next <= upTo && passed.length < count) {
    passed.push(next);
    next = instants.next(next);
  }
  return { passed, next };
}
