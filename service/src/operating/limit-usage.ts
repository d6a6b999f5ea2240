import { checkOptions, compareEntries, type JobHead, type JobRepository } from "@jobq/core";
import type { Engine } from "../engine.ts";
import { checkName } from "../input/check.ts";
import { MAX_JOBS_PER_CALL } from "../input/limits.ts";

/** The use of a limit: the jobs that hold its slots, and those that wait for one. */
export interface LimitUsage {
  readonly key: string;
  /** The concurrency of the newest of these jobs. */
  readonly concurrency: number;
  /** The jobs that hold slots, by slot. */
  readonly holders: readonly JobHead[];
  /** The jobs that wait, in the order in which they will be admitted. */
  readonly waiting: readonly JobHead[];
}

/** The options of `limits`. */
export interface LimitsOptions {
  /** Only this key; by default all keys in use. */
  readonly key?: string | undefined;
}

/** The limits that are in use, by key; of holders and of those that wait at most 10,000 each. */
export async function limitUsages(engine: Engine, options: LimitsOptions): Promise<LimitUsage[]> {
  checkOptions(options, { key: true });
  const limitKey = options.key === undefined ? undefined : checkName(options.key, "key");
  const { jobs } = await engine.open();
  const limit = MAX_JOBS_PER_CALL;
  const [holders, waiting] = await Promise.all([
    jobs.find({ slot: "held", limitKey, limit }),
    limitKey === undefined ? jobs.find({ slot: "awaited", limit }) : waitingFor(jobs, limitKey),
  ]);
  const keys = new Set([...holders, ...waiting].flatMap((job) => job.limit?.key ?? []));
  return [...keys].sort().map((key) => usage(key, holders.filter(isOf(key)), waiting.filter(isOf(key))));
}

/** Who waits for a slot of the limit's key, in order: as many as one call returns. */
export async function waitingFor(jobs: JobRepository, limitKey: string): Promise<JobHead[]> {
  return (await jobs.slots([limitKey], MAX_JOBS_PER_CALL)).flatMap(({ waiting }) => waiting);
}

function isOf(key: string): (job: JobHead) => boolean {
  return (job) => job.limit?.key === key;
}

function usage(key: string, holders: JobHead[], waiting: JobHead[]): LimitUsage {
  const newest = [...holders, ...waiting].reduce((one, other) => (one.id > other.id ? one : other));
  return {
    key,
    concurrency: newest.limit?.concurrency ?? 0,
    holders: holders.sort((a, b) => (a.slot ?? 0) - (b.slot ?? 0)),
    waiting: waiting.sort(compareEntries),
  };
}
