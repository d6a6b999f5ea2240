import type { Change, JobId } from "@jobq/core";
import type { Engine } from "./engine.ts";
import { jobData } from "./input/job-data.ts";
import { requireStored } from "./store/refusal-error.ts";

/**
 * Makes a job that has ended begin anew. One with a dead-letter topic has its next end told to that again.
 * @throws {JobqError} JOB_NOT_FOUND, INVALID_STATE, DUPLICATE_JOB
 */
export async function resetJob(engine: Engine, id: JobId): Promise<void> {
  const now = await engine.sync();
  const [job] = await engine.store.jobs.get([id]);
  const apply: Change[] = [{ type: "reset", id }];
  if (job && job.links === undefined && jobData(job).deadLetter !== undefined) apply.push({ type: "link", id });
  requireStored(await engine.writes.commit({ now, apply }), "reset");
}
