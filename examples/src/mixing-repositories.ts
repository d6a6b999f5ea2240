/**
 * Any job repository goes with any topic repository. Here jobs are on disk and topics in memory: what matters outlives
 * the process, and the order, which can be worked out from the jobs, comes back by itself.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { levelJobs } from "@jobq/job-level";
import { memoryJobs } from "@jobq/job-memory";
import { levelTopics } from "@jobq/pq-level";
import { memoryTopics } from "@jobq/pq-memory";
import { createService, type JobService } from "@jobq/service";

interface Topics {
  parcels: { label: string };
}

const folder = await mkdtemp(join(tmpdir(), "jobq-mixing-"));

async function send(svc: JobService<Topics>): Promise<void> {
  await svc.enqueue("parcels", { label: "a heavy one" }, { weight: 10 });
  await svc.enqueue("parcels", { label: "a letter" }, { weight: -10 });
  await svc.enqueue("parcels", { label: "a box" });
}

async function workAll(svc: JobService<Topics>): Promise<string> {
  const labels: string[] = [];
  for (;;) {
    // The wait gives the jobs of the process before time to come back into the topics.
    const jobs = await svc.reserve("parcels", 1, { wait: "1s" });
    if (jobs.length === 0) return labels.join(", ") || "nothing";
    for (const job of jobs) {
      labels.push(job.payload.label);
      await job.done();
    }
  }
}

const jobsOnDisk = () => createService<Topics>({ jobs: levelJobs(join(folder, "jobs")), topics: memoryTopics() });
const first = jobsOnDisk();
await send(first);
await first.close();
const second = jobsOnDisk(); // as a new process would: its topics are empty
console.log(`jobs on disk, topics in memory: ${await workAll(second)}`);
await second.close();

// The other way round it is the jobs that are gone; entries without jobs are found out and dropped.
const topicsOnDisk = () => createService<Topics>({ jobs: memoryJobs(), topics: levelTopics(join(folder, "topics")) });
const third = topicsOnDisk();
await send(third);
await third.close();
const fourth = topicsOnDisk();
console.log(`jobs in memory, topics on disk: ${await workAll(fourth)}`);
await fourth.close();

// Both on one path: they share the database, and each step changes both at once.
const both = () => {
  const path = join(folder, "both");
  return createService<Topics>({ jobs: levelJobs(path), topics: levelTopics(path) });
};
const fifth = both();
await send(fifth);
await fifth.close();
const sixth = both();
console.log(`both on disk, in one database: ${await workAll(sixth)}`);
await sixth.close();

await rm(folder, { recursive: true });
