const SHORTEST_MS = 1000;
const LONGEST_MS = 60_000;

/**
 * How long an alarm that is `leftMs` away may sleep before it looks at the wall clock again, which may have been set, or
 * have gone on while the machine slept and timers did not: a thousandth of that, between a second and a minute.
 */
export function alarmSleepMs(leftMs: number): number {
  return Math.ceil(Math.min(Math.max(leftMs, 0), Math.max(SHORTEST_MS, Math.min(leftMs / 1000, LONGEST_MS))));
}
