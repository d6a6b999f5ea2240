import { type Job, type JobId, JobqError } from "@jobq/core";
import { jobData, type ModuleContext } from "../../module.ts";
import { CHECKPOINT } from "../record/checkpoint.ts";

/** The run of that id; undefined when there is no such job, or one that is no run. */
export async function findRun(context: ModuleContext, id: JobId): Promise<Job | undefined> {
  const [job] = await context.jobs.get([id]);
  return job && (await isRun(context, job)) ? job : undefined;
}

/**
 * The run of that id, if it can be told something: not while it is the callback of a bundle whose members are under way.
 * @throws {JobqError} JOB_NOT_FOUND, INVALID_STATE
 */
export async function runToTell(context: ModuleContext, id: JobId): Promise<Job> {
  const job = await findRun(context, id);
  const details = { id };
  if (!job) throw new JobqError("JOB_NOT_FOUND", `there is no run ${id}, or its job is of no workflow`, { details });
  if (job.state !== "delayed" || job.awaits !== id) return job;
  throw new JobqError("INVALID_STATE", `run ${id} is the callback of a bundle that has not ended`, { details });
}

/** One that was enqueued by its topic is known by what it has recorded, or by a worker of this process. */
async function isRun({ handlers, jobs }: ModuleContext, job: Job): Promise<boolean> {
  if (jobData(job).run) return true;
  for (const { runs } of handlers) if (runs.has(job.name)) return true;
  return (await jobs.notes(job.id, CHECKPOINT)).length > 0;
}
