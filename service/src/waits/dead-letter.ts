import { copyJob, type Job, type NewId, type Timestamp } from "@jobq/core";
import { encodeJobData, jobData } from "../input/job-data.ts";

/** A copy of an ended job for people and programs that deal with what failed: payload, name, tags and error are the same. */
export function deadLetter(
  failed: Job,
  topic: string,
  { now, newId }: { readonly now: () => Timestamp; readonly newId: NewId },
): Job {
  const at = now();
  const { deadLetter: _, group: __, ...data } = jobData(failed);
  return {
    ...copyJob(failed),
    id: newId(at),
    topic,
    createdAt: at,
    expiresAt: undefined,
    unique: undefined,
    uniqueSpan: undefined,
    parent: undefined,
    group: undefined,
    limit: undefined,
    data: encodeJobData({ ...data, origin: failed.id }),
    state: "ready",
    token: 0,
    attempt: 0,
    leaseLosses: 0,
    resetCount: 0,
    reservedAt: undefined,
    reservedBy: undefined,
    finishedAt: undefined,
    reason: undefined,
    progress: undefined,
    links: undefined,
    result: undefined,
  };
}
