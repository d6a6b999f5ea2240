import { JobqError, type Unit, type UnitOutcome } from "@jobq/core";
import type { Commit } from "./group-commit.ts";

/**
 * Commits units together; when together they are more than the store takes at once, in ever smaller parts, in order, so
 * that only one that is too large by itself fails: it has the error in place of an outcome.
 */
export async function commitApart(commit: Commit, units: readonly Unit[]): Promise<(UnitOutcome | JobqError)[]> {
  try {
    return [...(await commit(units))];
  } catch (error) {
    if (!(error instanceof JobqError) || error.code !== "PAYLOAD_TOO_LARGE") throw error;
    if (units.length === 1) return [error];
    const half = Math.ceil(units.length / 2);
    const first = await commitApart(commit, units.slice(0, half));
    return [...first, ...(await commitApart(commit, units.slice(half)))];
  }
}
