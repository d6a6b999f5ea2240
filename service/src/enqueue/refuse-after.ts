import { wrongType } from "@jobq/core";
import type { EnqueueCall } from "./wrapped-enqueuer.ts";

/**
 * A bundle waits for its members alone, and jobs of schedules and children of runs for no others: no links are stored.
 * @throws {TypeError} one that asks for it, by a middleware
 */
export function refuseAfter(
  { options }: EnqueueCall,
  job: "a bundle" | "a job of a schedule" | "a child of a run",
): void {
  if (options?.after === undefined) return;
  throw wrongType(`after of ${job}`, "left out, by middleware too", options.after);
}
