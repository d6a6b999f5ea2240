import type { RetryPolicy } from "../input/retry-policy.ts";

/**
 * How long to wait before the attempt after `attempt` (1 for the first): what the policy says, at most its `max`, spread
 * by its `jitter` so that jobs which failed together do not return together, and never outside `min` to `max`.
 * @param random returns from 0 up to 1
 */
export function retryDelayMs(policy: RetryPolicy, attempt: number, random: () => number): number {
  const { min, max, jitter } = policy;
  const base = Math.min(baseMs(policy, attempt), max);
  const shortest = Math.max(min, Math.min(base, max / (1 + jitter)));
  const longest = Math.min(max, shortest * (1 + jitter));
  return Math.round(shortest + (longest - shortest) * random());
}

function baseMs({ type, min, factor }: RetryPolicy, attempt: number): number {
  if (type === "constant") return min;
  if (type === "linear") return min * attempt;
  return min * factor ** Math.min(attempt - 1, 52);
}
