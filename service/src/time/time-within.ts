import type { Clock, Timestamp } from "@jobq/core";
import type { Report } from "../report.ts";
import type { WritesWithin } from "../store/writes.ts";

/**
 * The store's time inside a transaction of the user's: asked through it where the clock is not in line, since another
 * connection may not be had until it ends.
 */
export function timeWithin(clock: Clock, within: WritesWithin, report: Report): Timestamp | Promise<Timestamp> {
  const syncing = clock.sync();
  if (!syncing) return clock.now();
  syncing.catch((error: unknown) => report(error, "asking the store for the time"));
  return within.now();
}
