import type { JobId, JobRepository, QueueStore, TopicRepository } from "@jobq/core";
import type { Harness, OpenTransaction } from "../../src/index.ts";
import { guarded } from "./guarded.ts";
import { JobData, ReferenceJobs } from "./reference-jobs.ts";
import { ReferencePair, ReferenceTransaction } from "./reference-pair.ts";
import { ReferenceTopics, TopicData } from "./reference-topics.ts";

/** A harness for a reference job repository, or a class made from it. */
export function jobHarness(
  name: string,
  Jobs: new (data?: JobData) => JobRepository = ReferenceJobs,
): Harness<JobRepository> {
  return {
    name,
    open: async () => {
      const data = new JobData();
      const open = async () => guarded(new Jobs(data));
      const damage = async (id: JobId) => spoil(data, id);
      return { store: await open(), reopen: open, second: open, damage };
    },
  };
}

/** A harness for a reference topic repository, or a class made from it. */
export function topicHarness(
  name: string,
  Topics: new (data?: TopicData) => TopicRepository = ReferenceTopics,
): Harness<TopicRepository> {
  return {
    name,
    open: async () => {
      const data = new TopicData();
      const open = async () => guarded(new Topics(data));
      return { store: await open(), reopen: open, second: open };
    },
  };
}

/** A harness for a reference pair, or a class made from it; what is opened again has lost its topics. */
export function pairHarness(
  name: string,
  Pair: new (jobs?: JobData, topics?: TopicData) => QueueStore = ReferencePair,
): Harness<QueueStore> {
  return {
    name,
    open: async () => {
      const [jobs, topics] = [new JobData(), new TopicData()];
      const open = async () => new Pair(jobs, topics);
      const begin = async () => beginOver(jobs, topics);
      const reopen = async () => new Pair(jobs, new TopicData());
      const damage = async (id: JobId) => spoil(jobs, id);
      return { store: await open(), reopen, second: open, begin, damage };
    },
  };
}

function spoil(data: JobData, id: JobId): void {
  const job = data.jobs.get(id);
  if (job) data.damaged.set(id, job);
  data.jobs.delete(id);
}

/** A transaction over the data of a reference pair: a copy that takes the place of the data. */
function beginOver(jobs: JobData, topics: TopicData): OpenTransaction {
  const copies = [...mapsOf(jobs), ...mapsOf(topics)].map((map) => new Map(map));
  const [staged, stagedTopics] = [new JobData(), new TopicData()];
  const replace = (to: readonly Map<string, unknown>[], from: readonly Map<string, unknown>[]): void => {
    for (const [index, map] of to.entries()) {
      map.clear();
      for (const [key, value] of from[index] ?? []) map.set(key, value);
    }
  };
  const stagedMaps = [...mapsOf(staged), ...mapsOf(stagedTopics)];
  replace(stagedMaps, copies);
  return {
    transaction: new ReferenceTransaction(staged, stagedTopics),
    commit: async () => replace([...mapsOf(jobs), ...mapsOf(topics)], stagedMaps),
    rollback: async () => {},
  };
}

function mapsOf(data: JobData | TopicData): Map<string, unknown>[] {
  return data instanceof JobData ? [data.jobs, data.notes] : [data.entries, data.sorted];
}
