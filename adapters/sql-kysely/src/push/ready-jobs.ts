import type { JobHead, Unit, UnitOutcome } from "@jobq/core";

/** Somebody who wants to know which jobs became ready here. */
export interface ReadyWatcher {
  readied(jobs: readonly JobHead[]): void;
}

/** The jobs that units have made ready, and maybe one or the other that was left out. */
export function readyJobs(units: readonly Unit[], outcomes: readonly UnitOutcome[]): JobHead[] {
  const ready: JobHead[] = [];
  const add = (jobs: readonly JobHead[]): void => {
    for (const job of jobs) if (job.state === "ready") ready.push(job);
  };
  for (const [position, outcome] of outcomes.entries()) {
    if (!outcome.ok) continue;
    add(outcome.changed);
    const { insert = [] } = units[position] as Unit;
    if (insert.length > outcome.leftOut.length) add(insert);
  }
  return ready;
}
