import { isJobId, type JobHead, type JobId } from "@jobq/core";
import { jobData } from "../input/job-data.ts";

/**
 * Leaves out copies on a dead-letter topic whose job is still there, unless the query names the topic: who runs both
 * again does the work twice.
 */
export async function withoutCopies(
  { topic }: { readonly topic?: string | undefined },
  page: readonly JobHead[],
  look: (ids: readonly JobId[]) => Promise<readonly (Pick<JobHead, "data"> | undefined)[]>,
): Promise<readonly JobHead[]> {
  if (topic !== undefined) return page;
  const originOf = (job: JobHead): string => jobData(job).origin ?? "";
  const ids = [...new Set(page.map(originOf))].filter(isJobId);
  if (ids.length === 0) return page;
  const origins = await look(ids);
  const deadLetters = new Map(ids.map((id, at) => [id, jobData(origins[at] ?? {}).deadLetter]));
  return page.filter((job) => deadLetters.get(originOf(job)) !== job.topic);
}
