import { type JobHead, type JobId, JobqError, headOf as withoutPayload } from "@jobq/core";
import type { Backend } from "../backend.ts";

/**
 * The job of that id, without its payload.
 * @throws {JobqError} JOB_NOT_FOUND
 */
export async function headOf(backend: Backend, id: JobId): Promise<JobHead> {
  const [head] = await headsOf(backend, [id]);
  return head as JobHead;
}

/**
 * The jobs of these ids, in their order, without their payloads.
 * @throws {JobqError} JOB_NOT_FOUND
 */
export async function headsOf({ context }: Backend, ids: readonly JobId[]): Promise<JobHead[]> {
  await context.now();
  const jobs = await context.jobs.get(ids);
  return jobs.map((job, index) => {
    if (!job) throw noJob(ids[index] as JobId);
    return withoutPayload(job);
  });
}

/** That there is no job of that id. */
export function noJob(id: JobId): JobqError {
  return new JobqError("JOB_NOT_FOUND", `job ${id} does not exist`, { details: { id } });
}
