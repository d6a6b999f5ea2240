import type { Change, JobHead, JobId, Timestamp, Unit } from "@jobq/core";
import type { Engine } from "./engine.ts";
import { jobData } from "./input/job-data.ts";
import { requireStored } from "./store/refusal-error.ts";
import { bundleNameOf } from "./waits/group-policy.ts";
import { membersLinkNote } from "./waits/link.ts";

/**
 * Makes a job that has ended begin anew: a bundle waits for its members again. One whose end has to be told has it told
 * again.
 * @throws {JobqError} JOB_NOT_FOUND, INVALID_STATE, DUPLICATE_JOB
 */
export async function resetJob(engine: Engine, id: JobId): Promise<void> {
  const now = await engine.sync();
  const [job] = await engine.store.jobs.get([id]);
  const unit = job ? resetUnit(job, engine.name(), now) : { now, apply: [{ type: "reset", id } as const] };
  requireStored(await engine.writes.commit(unit), "reset");
}

/** What makes the job begin anew. */
export function resetUnit(job: JobHead, by: string, now: Timestamp): Unit {
  const { id, links, limit, expiresAt = Infinity, token } = job;
  const isBundle = bundleNameOf(job) !== undefined;
  const apply: Change[] = [{ type: "reset", id }];
  const hasToBeTold = links === undefined && (isBundle || jobData(job).deadLetter !== undefined);
  if (hasToBeTold) apply.push({ type: "link", id });
  const note = hasToBeTold && isBundle ? [membersLinkNote(id, id, now)] : [];
  if (!isBundle || limit || expiresAt <= now) return { now, apply, note };
  // It cannot wait for a group but by being suspended, which takes a reservation.
  apply.push({ type: "reserve", id, by }, { type: "suspend", id, token: token + 1, awaits: id });
  return { now, apply, note };
}
