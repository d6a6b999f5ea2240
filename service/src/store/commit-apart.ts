import { JobqError, type Unit, type UnitOutcome } from "@jobq/core";
import type { Commit } from "./group-commit.ts";

/** Why a unit was not stored, where others of its commit were. */
export interface UnitFailed {
  readonly error: unknown;
}

/**
 * Commits units together; when together they are more than the store takes at once, in ever smaller parts, in order, so
 * that only one that is too large by itself fails. Once some are stored, what fails after them has its error in place of
 * an outcome.
 */
export async function commitApart(commit: Commit, units: readonly Unit[]): Promise<(UnitOutcome | UnitFailed)[]> {
  try {
    return [...(await commit(units))];
  } catch (error) {
    if (!(error instanceof JobqError) || error.code !== "PAYLOAD_TOO_LARGE") throw error;
    if (units.length === 1) return [{ error }];
    const half = Math.ceil(units.length / 2);
    const first = await commitApart(commit, units.slice(0, half));
    const others = units.slice(half);
    const rest = await commitApart(commit, others).catch((failure) => others.map(() => ({ error: failure })));
    return [...first, ...rest];
  }
}
