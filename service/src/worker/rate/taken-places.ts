import { JobqError, type Timestamp } from "@jobq/core";
import { checkInteger, checkType } from "../../module.ts";

/** Into so many parts a span is divided: places taken in the same part are kept as one number. */
const PARTS = 100;

/** The places of a shared rate that were taken. */
export interface TakenPlaces {
  /** They are kept for so long: the longest span of those that share the rate. */
  readonly keptMs: number;
  /** So many are used by that time, which is rounded up; oldest first. */
  readonly taken: readonly (readonly [at: Timestamp, count: number])[];
}

export const NO_PLACES: TakenPlaces = { keptMs: 0, taken: [] };

/** How many places were taken in the span that ends now. */
export function takenWithin({ taken }: TakenPlaces, perMs: number, now: Timestamp): number {
  return taken.reduce((sum, [at, count]) => (isWithin(at, perMs, now) ? sum + count : sum), 0);
}

/** When one of `max` places is free: now, or in the future where all are taken. */
export function nextFreeAt(places: TakenPlaces, max: number, perMs: number, now: Timestamp): Timestamp {
  let left = takenWithin(places, perMs, now);
  for (const [at, count] of places.taken) {
    if (left < max) break;
    if (!isWithin(at, perMs, now)) continue;
    left -= count;
    if (left < max) return at + perMs;
  }
  return now;
}

/** The places when `count` more are taken at that time, without those that nobody counts any more by then. */
export function withTaken(places: TakenPlaces, count: number, perMs: number, usedBy: Timestamp): TakenPlaces {
  const at = roundedUp(usedBy, perMs);
  const kept = places.taken.filter(([at]) => isWithin(at, Math.max(perMs, places.keptMs), usedBy));
  const keptMs = kept.length > 0 ? Math.max(perMs, places.keptMs) : perMs;
  const same = kept.find(([other]) => other === at);
  if (!same) return { keptMs, taken: [...kept, [at, count] as const].sort(([a], [b]) => a - b) };
  return { keptMs, taken: kept.map((one) => (one === same ? [at, same[1] + count] : one)) };
}

/** The places without those that were taken as in {@link withTaken}; the same if they are not there any more. */
export function withoutTaken(places: TakenPlaces, count: number, perMs: number, usedBy: Timestamp): TakenPlaces {
  const at = roundedUp(usedBy, perMs);
  const left = (places.taken.find(([other]) => other === at)?.[1] ?? 0) - count;
  if (left < 0) return places;
  const others = places.taken.filter(([other]) => other !== at);
  return { ...places, taken: left === 0 ? others : [...others, [at, left] as const].sort(([a], [b]) => a - b) };
}

/** Later than it was, so that rounding never allows more. */
function roundedUp(usedBy: Timestamp, perMs: number): Timestamp {
  const partMs = Math.max(1, Math.floor(perMs / PARTS));
  return Math.ceil(usedBy / partMs) * partMs;
}

/**
 * Reads what was stored of the rate with that key.
 * @throws {JobqError} PAYLOAD_INVALID
 */
export function readPlaces(key: string, text: string): TakenPlaces {
  try {
    const { keptMs, taken } = checkType(JSON.parse(text) as TakenPlaces, "object", "places");
    checkInteger(keptMs, "keptMs", 0, Number.MAX_SAFE_INTEGER);
    for (const [at, count] of taken) {
      checkInteger(at, "at", Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
      checkInteger(count, "count", 1, Number.MAX_SAFE_INTEGER);
    }
    return { keptMs, taken };
  } catch (cause) {
    throw new JobqError("PAYLOAD_INVALID", `what is stored of the rate "${key}" cannot be read here`, { cause });
  }
}

/** A place that is taken for a time more than two spans from now was so before the clock was set back: nobody waits for it. */
function isWithin(at: Timestamp, perMs: number, now: Timestamp): boolean {
  return at + perMs > now && at <= now + 2 * perMs;
}
