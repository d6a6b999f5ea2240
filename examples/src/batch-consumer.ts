/** Jobs taken by the hundred and worked together: one insert for all, one settlement each, and those that went wrong again. */
import { memoryJobs } from "@jobq/job-memory";
import { memoryTopics } from "@jobq/pq-memory";
import { createService } from "@jobq/service";

interface Reading {
  readonly sensor: string;
  readonly celsius: number;
}

const svc = createService<{ readings: Reading }>({ jobs: memoryJobs(), topics: memoryTopics() });

// 1,000 jobs in one unit: all of them are there afterwards, or none.
await svc.enqueueMany(
  Array.from({ length: 1000 }, (_, index) => ({
    topic: "readings" as const,
    payload: { sensor: `sensor-${index % 4}`, celsius: index % 250 === 249 ? 999 : 15 + (index % 10) },
  })),
);

/** Stands for a database that takes many rows at once and says which it did not like. */
async function insertAll(rows: readonly Reading[]): Promise<ReadonlySet<number>> {
  return new Set(rows.flatMap(({ celsius }, index) => (celsius > 100 ? [index] : [])));
}

for (let batch = 1; ; batch++) {
  // Up to 300 at once; with `wait` it would rest here until there are some.
  const jobs = await svc.reserve("readings", 300, { lease: "30s" });
  if (jobs.length === 0) break;
  const bad = await insertAll(jobs.map((job) => job.payload));
  // Settlements asked for together are stored together.
  await Promise.all(jobs.map((job, index) => (bad.has(index) ? job.cancel("out of range") : job.done())));
  console.log(`batch ${batch}: ${jobs.length} jobs, ${bad.size} of them bad`);
}

for (const { state, count } of await svc.tally()) console.log(`${count} ${state}`);
await svc.close();
