/**
 * How jobs of version 1 of the ports said when they are tried again: two fields of their own instead of `data`.
 * Adapters that meet such jobs, or share a database with code of that version, translate by this.
 */

/** The back-off of a job whose `data` says nothing: from 30 seconds, doubled each time, up to an hour. */
export const STANDARD_BACKOFF = { minMs: 30_000, maxMs: 3_600_000 } as const;

/** Returns the `data` of a job of version 1 with this back-off; undefined for the standard one. */
export function dataOfBackoff(minMs: number, maxMs: number): string | undefined {
  if (minMs === STANDARD_BACKOFF.minMs && maxMs === STANDARD_BACKOFF.maxMs) return undefined;
  return JSON.stringify({ retry: { type: "exponential", min: minMs, max: maxMs, factor: 2, jitter: 0.25 } });
}

/**
 * Returns the back-off that code of version 1 sees for a job with this `data`; the standard one if `data` says
 * something else.
 */
export function backoffOf(data: string | undefined): { readonly minMs: number; readonly maxMs: number } {
  if (data === undefined) return STANDARD_BACKOFF;
  try {
    const { min, max } = (JSON.parse(data) as { retry?: { min?: unknown; max?: unknown } }).retry ?? {};
    if (isDuration(min) && isDuration(max) && min <= max) return { minMs: min, maxMs: max };
  } catch {
    // Data of another kind says nothing about it.
  }
  return STANDARD_BACKOFF;
}

function isDuration(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
