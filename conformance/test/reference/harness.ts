import type { JobId, JobRepository, QueueStore, TopicRepository } from "@jobq/core";
import { type Harness, type OpenTransaction, WriteFaults } from "../../src/index.ts";
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
      return { store: await open(), reopen: open, second: open, damage, failAt: data.faults.failAt };
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
      return { store: await open(), reopen: open, second: open, failAt: data.faults.failAt };
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
      const faults = new WriteFaults();
      const [jobs, topics] = [new JobData(faults), new TopicData(faults)];
      const open = async () => new Pair(jobs, topics);
      const begin = async () => beginOver(jobs, topics);
      const reopen = async () => new Pair(jobs, new TopicData());
      const damage = async (id: JobId) => spoil(jobs, id);
      return { store: await open(), reopen, second: open, begin, damage, failAt: faults.failAt };
    },
  };
}

function spoil(data: JobData, id: JobId): void {
  const job = data.jobs.get(id);
  if (job) data.damaged.set(id, job);
  data.jobs.delete(id);
}

/** A transaction over the data of a reference pair: a copy, whose changes go into the data; what it changes is locked. */
function beginOver(jobs: JobData, topics: TopicData): OpenTransaction {
  const before = [...mapsOf(jobs), ...mapsOf(topics)].map((map) => new Map(map));
  const [staged, stagedTopics] = [new JobData(), new TopicData()];
  const after = [...mapsOf(staged), ...mapsOf(stagedTopics)];
  for (const [index, map] of before.entries()) for (const [key, value] of map) after[index]?.set(key, value);
  const changedIn = (index: number): string[] =>
    [...new Set([...(before[index]?.keys() ?? []), ...(after[index]?.keys() ?? [])])].filter(
      (key) => before[index]?.get(key) !== after[index]?.get(key),
    );
  const locks = (): ReadonlySet<string> => {
    const ids = changedIn(0);
    const keys = ids.flatMap((id) => staged.jobs.get(id)?.unique ?? []);
    return new Set([...ids, ...keys.map((key) => `key ${key}`)]);
  };
  jobs.locks.add(locks);
  return {
    transaction: new ReferenceTransaction(staged, stagedTopics),
    commit: async () => {
      jobs.locks.delete(locks);
      for (const [index, map] of [...mapsOf(jobs), ...mapsOf(topics)].entries()) {
        for (const key of changedIn(index)) {
          if (after[index]?.has(key)) map.set(key, after[index].get(key));
          else map.delete(key);
        }
      }
      topics.sorted.clear();
    },
    rollback: async () => void jobs.locks.delete(locks),
  };
}

function mapsOf(data: JobData | TopicData): Map<string, unknown>[] {
  return data instanceof JobData ? [data.jobs, data.notes] : [data.entries];
}
