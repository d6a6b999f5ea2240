import {
  heldKey,
  heldSlot,
  isLocked,
  JobqError,
  type MonotonicClock,
  neededIds,
  type Unit,
  type UnitOutcome,
} from "@jobq/core";
import { commitApart, type UnitFailed } from "./commit-apart.ts";
import type { Commit } from "./group-commit.ts";
import { lockedError } from "./refusal-error.ts";

const FIRST_PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 200;
const MAX_AT_ONCE = 100;

/** A unit that is tried again until it is not locked any more, or for too long. */
interface Waiting {
  readonly unit: Unit;
  /** What it is about, by which later units come after it. */
  readonly names: readonly string[];
  readonly since: number;
  dueAt: number;
  pauseMs: number;
  lockedId: string | undefined;
  readonly resolve: (outcome: UnitOutcome) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Units that were refused since somebody's open transaction has locked what they need: tried again beside all others,
 * which nobody holds up, and in the order of those that are about one job or key.
 */
export class LockedUnits {
  readonly #commit: Commit;
  readonly #clock: MonotonicClock;
  readonly #longestMs: number;
  readonly #waiting = new Set<Waiting>();
  /** Those that are under way to the store. */
  #tried: readonly Waiting[] | undefined;
  #unset = (): void => {};
  #armedAt = Infinity;
  #idle: (() => void)[] = [];

  /** @param longestMs how long a unit is tried */
  constructor(commit: Commit, clock: MonotonicClock, longestMs: number) {
    this.#commit = commit;
    this.#clock = clock;
    this.#longestMs = longestMs;
  }

  /** Of each unit whether it has to wait here: for one that does already, or for one before it in the list. */
  behind(units: readonly Unit[]): boolean[] {
    if (this.#waiting.size === 0) return units.map(() => false);
    const taken = new Set([...this.#waiting].flatMap(({ names }) => names));
    return units.map((unit) => {
      const names = namesOf(unit);
      const isBehind = names.some((name) => taken.has(name));
      if (isBehind) for (const name of names) taken.add(name);
      return isBehind;
    });
  }

  /** Stores the unit, or rejects with STORE_FAILED when it could not be for too long. */
  add(unit: Unit): Promise<UnitOutcome> {
    return new Promise((resolve, reject) => {
      const since = this.#clock.elapsed();
      const dueAt = since + FIRST_PAUSE_MS;
      const more = { dueAt, pauseMs: FIRST_PAUSE_MS, lockedId: undefined, resolve, reject };
      this.#waiting.add({ unit, names: namesOf(unit), since, ...more });
      // A timer that is over and has not rung may have been set in a request that has ended: it never will.
      if (dueAt < this.#armedAt || this.#armedAt < since) this.#arm();
    });
  }

  /** Resolves when nothing waits. */
  async idle(): Promise<void> {
    if (this.#waiting.size > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  /** Rejects whatever waits; what is under way may be stored yet. */
  giveUp(): void {
    for (const one of this.#waiting) {
      if (this.#tried?.includes(one)) this.#reject(one, unknownOutcome());
      else this.#giveUp(one);
    }
    this.#arm();
  }

  /** Those that nothing before them keeps from being tried. */
  #first(): Waiting[] {
    const taken = new Set<string>();
    return [...this.#waiting].filter(({ names }) => {
      const isFirst = !names.some((name) => taken.has(name));
      for (const name of names) taken.add(name);
      return isFirst;
    });
  }

  #arm(): void {
    if (this.#tried) return;
    this.#unset();
    this.#armedAt = Infinity;
    if (this.#waiting.size === 0) {
      for (const resolve of this.#idle.splice(0)) resolve();
      return;
    }
    const dueAt = this.#first().reduce((least, one) => Math.min(least, one.dueAt), Infinity);
    const endAt = ([...this.#waiting][0] as Waiting).since + this.#longestMs; // the first has waited longest
    this.#armedAt = Math.min(dueAt, endAt);
    const inMs = Math.max(this.#armedAt - this.#clock.elapsed(), 0);
    this.#unset = this.#clock.after(inMs, () => void this.#try());
  }

  async #try(): Promise<void> {
    const now = this.#clock.elapsed();
    const tried = this.#first()
      .filter(({ dueAt }) => dueAt <= now)
      .slice(0, MAX_AT_ONCE);
    this.#tried = tried;
    try {
      const units = tried.map(({ unit }) => unit);
      const outcomes = tried.length === 0 ? [] : await commitApart(this.#commit, units);
      for (const [index, one] of tried.entries()) this.#told(one, outcomes[index] as UnitOutcome | UnitFailed);
    } catch (error) {
      for (const one of tried) this.#reject(one, error);
    }
    for (const one of this.#waiting) if (this.#clock.elapsed() - one.since >= this.#longestMs) this.#giveUp(one);
    this.#tried = undefined;
    this.#arm();
  }

  #told(one: Waiting, outcome: UnitOutcome | UnitFailed): void {
    if ("error" in outcome) {
      this.#reject(one, outcome.error);
      return;
    }
    if (!isLocked(outcome)) {
      this.#waiting.delete(one);
      one.resolve(outcome);
      return;
    }
    one.lockedId = outcome.id;
    one.pauseMs = Math.min(one.pauseMs * 2, LONGEST_PAUSE_MS);
    one.dueAt = this.#clock.elapsed() + one.pauseMs;
  }

  #giveUp(one: Waiting): void {
    const { lockedId: id = one.names[0], since } = one;
    this.#reject(one, lockedError(id, Math.round(this.#clock.elapsed() - since)));
  }

  #reject(one: Waiting, error: unknown): void {
    this.#waiting.delete(one);
    one.reject(error);
  }
}

function unknownOutcome(): JobqError {
  return new JobqError(
    "OUTCOME_UNKNOWN",
    "the close did not wait for a write that was under way: it may be stored or not",
  );
}

/** The jobs, keys and slots that a unit needs. */
function namesOf(unit: Unit): readonly string[] {
  const names = neededIds(unit);
  for (const job of unit.insert ?? []) {
    const [key, slot] = [heldKey(job), heldSlot(job)];
    if (key !== undefined) names.push(`key ${key}`);
    if (slot !== undefined) names.push(`slot ${slot}`);
  }
  return names;
}
