const UNITS = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1000],
] as const;

/** A length of time for people, in at most two units: `"2d 3h"`, `"45s"`, `"120ms"`. */
export function span(ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))}ms`;
  const at = UNITS.findIndex(([, length]) => ms >= length);
  const [unit, length] = UNITS[at] as (typeof UNITS)[number];
  const next = UNITS[at + 1];
  const rest = next ? Math.floor((ms % length) / next[1]) : 0;
  return `${Math.floor(ms / length)}${unit}${rest > 0 && next ? ` ${rest}${next[0]}` : ""}`;
}

/** How long ago an instant was, or how soon it will be. */
export function ago(at: number | undefined, now: number): string | undefined {
  if (at === undefined) return undefined;
  return at > now ? `in ${span(at - now)}` : `${span(now - at)} ago`;
}

/** An instant as RFC 3339. */
export function rfc3339(at: number | undefined): string | undefined {
  return at === undefined ? undefined : new Date(at).toISOString();
}
