/** How much a delay may vary: the longest of equal rank is this many times the shortest. */
const SPREAD = 1.25;

/**
 * How long to wait before the attempt after `attempt` (1 for the first): `minMs` doubled by each attempt, at most
 * `maxMs`, spread over a quarter so that jobs which failed together do not return together, and never outside
 * `minMs` to `maxMs`.
 * @param random answers from 0 up to 1
 */
export function backoffMs(attempt: number, minMs: number, maxMs: number, random: () => number): number {
  const base = Math.min(minMs * 2 ** Math.min(attempt - 1, 52), maxMs);
  const shortest = Math.max(minMs, Math.min(base, maxMs / SPREAD));
  const longest = Math.min(maxMs, shortest * SPREAD);
  return Math.round(shortest + (longest - shortest) * random());
}
