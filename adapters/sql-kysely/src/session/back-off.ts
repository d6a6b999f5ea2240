/** Waits about so long before another attempt, but not as long as others who lost the same race. */
export function backOff(ms: number, random: () => number = Math.random): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms * (0.5 + random()));
  });
}
