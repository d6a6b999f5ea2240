import type { Change } from "./change.ts";
import type { Job } from "./job.ts";
import { checkInteger } from "./limits.ts";
import type { Unit } from "./unit.ts";

/** What each number of a job or a change may come to: the last instant that a Date can tell, or what 31 bits hold. */
const LARGEST = { long: 8.64e15, count: 2 ** 31 - 1 } as const;

const OF_JOBS = {
  long: [
    ...(["createdAt", "expiresAt", "runAt", "leaseUntil", "reservedAt", "finishedAt"] as const),
    ...(["maxRetries", "maxLeaseLosses", "timeoutMs", "token"] as const),
  ],
  count: ["attempt", "leaseLosses", "resetCount", "slot", "links"],
} as const satisfies Readonly<Record<keyof typeof LARGEST, readonly (keyof Job)[]>>;

/** What a change is guarded by may be negative too: what no job has is for the guard to refuse. */
const GUARDS = ["token", "lastToken"] as const;

const OF_CHANGES = {
  long: ["at", "until", "leaseMs"],
  count: ["slot", "told"],
} as const satisfies Readonly<Record<keyof typeof LARGEST, readonly string[]>>;

/**
 * Checks the numbers of the units of a `commit`, for stores that write them down: one that a column could not hold, or
 * JSON not say, would fail all that is written with it.
 * @throws {TypeError | RangeError} no number, or one that is not whole or out of its range
 */
export function checkNumbers(units: readonly Unit[]): void {
  for (const { now, insert = [], apply = [], note = [] } of units) {
    checkInteger(now, "now", 0, LARGEST.long);
    for (const job of insert) {
      checkInteger(job.weight, "weight", -32_768, 32_767);
      checkEach(job, OF_JOBS);
      if (job.limit) checkInteger(job.limit.concurrency, "limit.concurrency", 0, LARGEST.count);
    }
    for (const change of apply) {
      checkEach(change, OF_CHANGES);
      for (const name of GUARDS) {
        const value = (change as { readonly [K in typeof name]?: number | undefined })[name];
        if (value !== undefined) checkInteger(value, name, -LARGEST.long, LARGEST.long);
      }
    }
    for (const { at } of note) checkInteger(at, "at", 0, LARGEST.long);
  }
}

function checkEach(given: Job | Change, names: Readonly<Record<keyof typeof LARGEST, readonly string[]>>): void {
  for (const kind of ["long", "count"] as const) {
    for (const name of names[kind]) {
      const value = (given as object as Readonly<Record<string, number | undefined>>)[name];
      if (value !== undefined) checkInteger(value, name, 0, LARGEST[kind]);
    }
  }
}
