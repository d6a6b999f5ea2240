import { copyHead, type JobHead, type JobId, JobqError } from "@jobq/core";
import { callsOf, type JobPlan } from "@jobq/service/module";
import type { Backend } from "../backend.ts";
import { invalid } from "../fault.ts";
import type { Enqueueing } from "../wire/submission.ts";
import { headsOf } from "./heads.ts";

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
export async function submitJobs(
  backend: Backend,
  requests: readonly Enqueueing[],
  at: (index: number) => string,
): Promise<Submitted[]> {
  const { context, settings } = backend;
  const nameOf = (index: number): string => at(index).slice(0, -1);
  const asked = callsOf(
    requests.map((request) => settings.kinds.request(request)),
    nameOf,
  );
  /** The jobs that this made, stored or not; undefined for one that may have moved since. */
  const made = new Map<JobId, JobHead | undefined>();
  const ids = await context.throughMiddleware(asked, async (calls) => {
    try {
      const receipts = await context.insert((now) => {
        const plans = context.plan(calls, now, nameOf);
        const mayMove = plans.some(isWaiting);
        for (const { job } of plans) made.set(job.id, mayMove ? undefined : copyHead(job)); // before they are the store's
        return { plans };
      });
      return receipts.map(({ id }) => id);
    } catch (error) {
      throw faultOfWaiting(error, requests, at);
    }
  });
  return submittedOf(backend, ids, made);
}

/** True for a job that waits for others, or for a slot: it may have become ready by the time it is stored. */
function isWaiting({ job, waits }: JobPlan): boolean {
  return waits !== undefined || job.limit !== undefined;
}

/** The error; where it is that a job waits for one that there is not, as a fault of its request. */
function faultOfWaiting(error: unknown, requests: readonly Enqueueing[], at: (index: number) => string): unknown {
  if (!(error instanceof JobqError) || error.code !== "JOB_NOT_FOUND") return error;
  const unknown = error.details.id as JobId;
  const index = requests.findIndex(({ options }) => options.after?.includes(unknown));
  if (index < 0) return error;
  return invalid(`${at(index)}depends_on`, `${at(index)}depends_on must name jobs that exist, got "${unknown}"`);
}

/** What is stored is known without reading it again: a read for each job cost more than the write that they share. */
async function submittedOf(
  backend: Backend,
  ids: readonly JobId[],
  made: ReadonlyMap<JobId, JobHead | undefined>,
): Promise<Submitted[]> {
  const seen = new Set<JobId>();
  const duplicate = ids.map((id) => !made.has(id) || seen.size === seen.add(id).size);
  const unread = ids.filter((id, index) => duplicate[index] || !made.get(id));
  const read = unread.length === 0 ? [] : await headsOf(backend, [...new Set(unread)]);
  const known = new Map(read.map((job) => [job.id, job]));
  return ids.map((id, index) => ({
    job: (known.get(id) ?? made.get(id)) as JobHead,
    duplicate: duplicate[index] === true,
  }));
}
