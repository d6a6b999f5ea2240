import type { Change, JobHead, JobId, Timestamp } from "@jobq/core";
import type { Engine } from "./engine.ts";
import { jobData } from "./input/job-data.ts";
import { requireStored } from "./store/refusal-error.ts";
import { bundleNameOf } from "./waits/group-policy.ts";

/**
 * Makes a job that has ended begin anew: a bundle waits for its members again. One whose end has to be told has it told
 * again.
 * @throws {JobqError} JOB_NOT_FOUND, INVALID_STATE, DUPLICATE_JOB
 */
export async function resetJob(engine: Engine, id: JobId): Promise<void> {
  const now = await engine.sync();
  const [job] = await engine.store.jobs.get([id]);
  const apply = job ? resetChanges(job, engine.name(), now) : [{ type: "reset", id } as const];
  requireStored(await engine.writes.commit({ now, apply }), "reset");
}

/** What makes the job begin anew. */
export function resetChanges(job: JobHead, by: string, now: Timestamp): Change[] {
  const { id, links, limit, expiresAt = Infinity, token } = job;
  const isBundle = bundleNameOf(job) !== undefined;
  const changes: Change[] = [{ type: "reset", id }];
  const hasToBeTold = isBundle || jobData(job).deadLetter !== undefined;
  if (links === undefined && hasToBeTold) changes.push({ type: "link", id });
  if (!isBundle || limit || expiresAt <= now) return changes;
  // It cannot wait for a group but by being suspended, which takes a reservation.
  return [...changes, { type: "reserve", id, by }, { type: "suspend", id, token: token + 1, awaits: id }];
}
