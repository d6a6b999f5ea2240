import { heldKey, heldSlot, type Job, type JobId, type Lookup } from "@jobq/core";

/** The records of a store that holds these jobs. */
export function records(...jobs: Job[]): Lookup<Job> {
  const byId = new Map<JobId, Job>(jobs.map((job) => [job.id, job]));
  const holder = (key: string) => jobs.find((job) => heldKey(job) === key)?.id;
  const slotHolder = (slot: string) => jobs.find((job) => heldSlot(job) === slot)?.id;
  return { job: (id) => byId.get(id), holder, slotHolder };
}
