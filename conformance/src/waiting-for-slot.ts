import type { JobHead, JobRepository } from "@jobq/core";

/** The first jobs that wait for a slot of one limit. */
export async function waitingForSlot(
  jobs: Pick<JobRepository, "slots">,
  limitKey: string,
  count: number,
): Promise<readonly JobHead[]> {
  return (await jobs.slots([limitKey], count))[0]?.waiting ?? [];
}
