import type { JobHead } from "@jobq/core";
import { jobData } from "@jobq/service/module";
import { numberText } from "../output/number-text.ts";
import type { Queue } from "../queue/queue.ts";
import { allJobs } from "./job-filter.ts";

/** What to say of copies on dead-letter topics that have not ended: with their jobs, the work would be done twice. */
export async function waitingCopies(queue: Queue, jobs: readonly JobHead[]): Promise<readonly string[]> {
  const ids = new Set(jobs.map(({ id }) => id));
  const topics = new Set(jobs.map((job) => jobData(job).deadLetter).filter((topic) => topic !== undefined));
  const notes: string[] = [];
  for (const topic of topics) {
    const there = await allJobs(queue, { topic, state: ["ready", "delayed", "reserved"] });
    const count = there.filter((job) => !ids.has(job.id) && ids.has(jobData(job).origin ?? "")).length;
    const copies = count === 1 ? "1 has a copy" : `${numberText(count)} have a copy`;
    if (count > 0)
      notes.push(`of these, ${copies} on ${topic} that has not ended: cancel that, or the work is done twice`);
  }
  return notes;
}
