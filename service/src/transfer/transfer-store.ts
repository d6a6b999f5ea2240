import type { JobRepository, QueueStore, Timestamp, Unit, UnitOutcome } from "@jobq/core";
import { contextOf, type JobReader, type JobService } from "../module.ts";

/** Where jobs are exported from: a service, what `compose` made, or jobs alone. */
export type TransferSource = JobService | QueueStore | JobRepository;

/** Where jobs are imported to: a service, what `compose` made, or jobs alone. */
export type TransferTarget = TransferSource;

/** What a transfer needs of either end. */
export interface TransferStore {
  readonly jobs: JobReader;
  now(): Promise<Timestamp>;
  commit(units: readonly Unit[]): Promise<readonly UnitOutcome[]>;
}

/** @throws {TypeError} neither a service nor a store */
export function transferStore(end: TransferSource): TransferStore {
  if ("enqueue" in end) {
    const context = contextOf(end);
    const commit: TransferStore["commit"] = (units) => Promise.all(units.map((unit) => context.commit(unit)));
    return { jobs: context.jobs, now: () => context.now(), commit };
  }
  const jobs = "jobs" in end ? end.jobs : end;
  const now = async (): Promise<Timestamp> => {
    await jobs.clock.sync();
    return jobs.clock.now();
  };
  return { jobs, now, commit: (units) => end.commit(units) };
}
