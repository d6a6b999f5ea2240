import type { JobHead, JobId, Timestamp } from "@jobq/core";
import type { WritesWithin } from "./writes.ts";

/**
 * The job as a transaction of the user's sees it, locked until that ends: another connection may not be had until then,
 * and would not see what the transaction has written.
 */
export async function headWithin(within: WritesWithin, id: JobId, now: Timestamp): Promise<JobHead | undefined> {
  const outcome = await within.commit({ now, apply: [{ type: "check", id }] });
  return outcome.ok ? outcome.changed[0] : outcome.job;
}
