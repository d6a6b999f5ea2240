import {
  type JobRepository,
  type QueueStore,
  type Timestamp,
  type Unit,
  type UnitOutcome,
  wrongType,
} from "@jobq/core";
import { contextOf, type JobReader, type JobService, type TopicReader } from "../module.ts";

/** Where jobs are exported from: a service, what `compose` made, or jobs alone. */
export type TransferSource = JobService | QueueStore | JobRepository;

/** Where jobs are imported to: a service, what `compose` made, or jobs alone. */
export type TransferTarget = TransferSource;

/** What a transfer needs of either end. */
export interface TransferStore {
  readonly jobs: JobReader;
  /** Absent where there are jobs alone. */
  readonly topics: TopicReader | undefined;
  /** Holds the jobs of a topic back; absent where there are jobs alone. */
  readonly pause: ((topic: string) => Promise<void>) | undefined;
  now(): Promise<Timestamp>;
  commit(units: readonly Unit[]): Promise<readonly UnitOutcome[]>;
}

/** @throws {TypeError} neither a service nor a store */
export function transferStore(end: TransferSource): TransferStore {
  checkEnd(end);
  if ("enqueue" in end) {
    const context = contextOf(end);
    const commit: TransferStore["commit"] = (units) => Promise.all(units.map((unit) => context.commit(unit)));
    const { jobs, topics } = context;
    return { jobs, topics, pause: (topic) => end.pause(topic), now: () => context.now(), commit };
  }
  const jobs = "jobs" in end ? end.jobs : end;
  const now = async (): Promise<Timestamp> => {
    await jobs.clock.sync();
    return jobs.clock.now();
  };
  const topics = "jobs" in end ? end.topics : undefined;
  const pause = topics && ((topic: string): Promise<void> => topics.pause(topic, true));
  return { jobs, topics, pause, now, commit: (units) => end.commit(units) };
}

function checkEnd(end: TransferSource): void {
  const parts: object = typeof end === "object" && end !== null ? end : {};
  const jobs: unknown = "jobs" in parts ? parts.jobs : parts;
  const isAny = "enqueue" in parts || typeof (jobs as Partial<JobRepository> | undefined)?.find === "function";
  if (!isAny)
    throw wrongType("what jobs are moved from or to", "a service, a store of compose, or a job repository", end);
}
