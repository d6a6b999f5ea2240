import { copyJob, type JobHead, type JobId, JobqError } from "@jobq/core";
import { refusalError } from "@jobq/service/module";
import type { Backend } from "../backend.ts";
import { invalid } from "../fault.ts";
import type { Enqueueing } from "../wire/submission.ts";
import { headsOf } from "./heads.ts";
import type { RequestOfMany } from "./job-kinds.ts";

/** A job that was submitted, or the one that stands for it. */
export interface Submitted {
  readonly job: JobHead;
  readonly duplicate: boolean;
}

/**
 * Stores jobs, all or none.
 * @param at the place of each in faults
 * @throws {Fault} validation_failed: one waits for a job that there is not
 */
export function submitJobs(
  backend: Backend,
  requests: readonly Enqueueing[],
  at: (index: number) => string,
): Promise<Submitted[]> {
  const { kinds } = backend.settings;
  const jobs = requests.map((request) => kinds.request(request));
  // What waits for other jobs, or for a slot, may have become ready by the time it is stored.
  const mayMove = requests.some(({ type, options: { after, limit } }) => {
    return after !== undefined || limit !== undefined || kinds.waits(type);
  });
  return mayMove ? submitWaiting(backend, requests, jobs, at) : submitPlain(backend, jobs);
}

/** What is stored is known without reading it again: a read for each job cost more than the write that they share. */
async function submitPlain(backend: Backend, jobs: readonly RequestOfMany[]): Promise<Submitted[]> {
  const { context } = backend;
  const now = await context.now();
  const insert = context.plan(jobs, now).map(({ job }) => job);
  const heads = insert.map(copyJob); // before they are the store's
  const outcome = await context.commit({ now, insert });
  if (!outcome.ok) throw refusalError(outcome, "insert");
  const { inserted } = outcome;
  const others = inserted.filter((id, index) => id !== heads[index]?.id);
  if (others.length === 0) return heads.map((job) => ({ job, duplicate: false }));
  const known = new Map((await headsOf(backend, [...new Set(others)])).map((job) => [job.id, job]));
  return inserted.map((id, index) => {
    const other = known.get(id);
    return other ? { job: other, duplicate: true } : { job: heads[index] as JobHead, duplicate: false };
  });
}

async function submitWaiting(
  backend: Backend,
  requests: readonly Enqueueing[],
  jobs: readonly RequestOfMany[],
  at: (index: number) => string,
): Promise<Submitted[]> {
  try {
    const receipts = await backend.svc.enqueueMany(jobs);
    const ids = receipts.map(({ id }) => id);
    return (await headsOf(backend, ids)).map((job, index) => ({ job, duplicate: receipts[index]?.duplicate === true }));
  } catch (error) {
    if (!(error instanceof JobqError) || error.code !== "JOB_NOT_FOUND") throw error;
    const unknown = error.details.id as JobId;
    const index = requests.findIndex(({ options }) => options.after?.includes(unknown));
    if (index < 0) throw error;
    throw invalid(`${at(index)}depends_on`, `${at(index)}depends_on must name jobs that exist, got "${unknown}"`);
  }
}
