import type { Job, JobHead, JobId, Timestamp } from "@jobq/core";
import { requireStored } from "./refusal-error.ts";
import type { WritesWithin } from "./writes.ts";

/**
 * The job as a transaction of the user's sees it, locked until that ends: another connection may not be had until then,
 * and would not see what the transaction has written.
 */
export async function headWithin(within: WritesWithin, id: JobId, now: Timestamp): Promise<JobHead | undefined> {
  const outcome = await within.commit({ now, apply: [{ type: "check", id }] });
  return outcome.ok ? outcome.changed[0] : outcome.job;
}

/** Who holds the unique key of a new job, as the transaction sees it; where nobody does, the job is not left there. */
export async function holderWithin(within: WritesWithin, job: Job, now: Timestamp): Promise<JobHead | undefined> {
  const { inserted } = requireStored(await within.commit({ now, insert: [job], remove: [job.id] }));
  const [holder] = inserted;
  return holder === undefined || holder === job.id ? undefined : headWithin(within, holder, now);
}
