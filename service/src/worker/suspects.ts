import type { ReservedJob } from "../module.ts";
import type { JobRunner } from "./job-runner.ts";
import type { LeaseRenewal } from "./lease-renewal.ts";

/** How far apart the jobs become ready again that are let go of together. */
const SPACING_MS = 1000;

/**
 * A job that kills its process takes the leases of all jobs that are held there with it, those that were never begun
 * among them. So a worker holds at most one job that the next lost lease would end as `poison`: whichever of them kills,
 * it kills alone. The others are let go of and come back one after the other, here or elsewhere.
 */
export class Suspects {
  readonly #runner: Pick<JobRunner, "letGo">;
  readonly #renewal: LeaseRenewal;
  #held: ReservedJob | undefined;

  constructor(runner: Pick<JobRunner, "letGo">, renewal: LeaseRenewal) {
    this.#runner = runner;
    this.#renewal = renewal;
  }

  /** Those of the jobs that the worker keeps, once it has let go of the others: the one that it keeps may kill it. */
  async admit(jobs: readonly ReservedJob[]): Promise<readonly ReservedJob[]> {
    const left = jobs.filter((job) => isSuspect(job) && !this.#hold(job));
    if (left.length === 0) return jobs;
    for (const job of jobs) this.#renewal.add(job); // the store may take its time
    const letGo = (job: ReservedJob, index: number): Promise<void> =>
      this.#runner.letGo(job, (index + 1) * SPACING_MS, `letting go of job ${job.id}, which may be poison`);
    await Promise.all(left.map(letGo));
    return jobs.filter((job) => !left.includes(job));
  }

  /** False while another one is held. */
  #hold(job: ReservedJob): boolean {
    if (this.#held && this.#renewal.has(this.#held)) return false;
    this.#held = job;
    this.#renewal.add(job);
    return true;
  }
}

/** True if the job has lost leases, and may lose no other. */
function isSuspect(job: ReservedJob): boolean {
  if (job.token === 1) return false; // reserved for the first time: nothing is to be looked up
  const { leaseLosses, maxLeaseLosses } = job.head;
  return leaseLosses > 0 && leaseLosses + 1 >= maxLeaseLosses;
}
