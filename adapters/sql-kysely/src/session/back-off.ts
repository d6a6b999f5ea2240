const FIRST_MS = 1;

/** Waits before another attempt: twice as long each time, and not as long as others who lost the same race. */
export function backOff(attempt: number, longestMs: number, random: () => number = Math.random): Promise<void> {
  const ms = Math.min(FIRST_MS * 2 ** attempt, longestMs) * (0.5 + random());
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
