import { copyHead, type JobHead, type JobId, JobqError } from "@jobq/core";
import { isModuleState } from "@jobq/service/module";
import type { Backend } from "../backend.ts";
import { Fault } from "../fault.ts";

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
    return copyHead(job);
  });
}

/**
 * Refuses to end by the routes of jobs what takes another role by the routes of a module.
 * @throws {Fault} conflict: a module keeps it, such as a schedule
 */
export function checkIsWork({ id, topic, name, state }: JobHead): void {
  if (!isModuleState(topic)) return;
  const shown = JSON.stringify(name);
  const message =
    topic === "jobq:schedules"
      ? `job ${id} is the schedule ${shown}: pause or remove that`
      : `job ${id} is what a module keeps on ${topic}, named ${shown}`;
  throw new Fault("conflict", message, { jobq: { code: "INVALID_STATE", details: { id, topic, name, state } } });
}

/** That there is no job of that id. */
export function noJob(id: JobId): JobqError {
  return new JobqError("JOB_NOT_FOUND", `job ${id} does not exist`, { details: { id } });
}
