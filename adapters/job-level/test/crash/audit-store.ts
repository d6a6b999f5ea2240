import { type Job, type JobId, JobqError, type JobRepository, type TopicRepository } from "@jobq/core";
import type { Auditor } from "./auditor.ts";
import type { Life } from "./life.ts";
import type { Payload } from "./workers.ts";

const PAGE = 500;

/** Compares what is stored with what was reported; says how many jobs there are that have not ended. */
export async function auditJobs(auditor: Auditor, repository: JobRepository): Promise<number> {
  const jobs = await allJobs(repository);
  const byNumber = new Map<number, Job>();
  for (const job of jobs) {
    const { number } = JSON.parse(job.payload) as Payload;
    const life = auditor.lives.get(number);
    if (!life) auditor.violate(`job ${number} (${job.id}) is stored, which nobody enqueued`);
    else auditor.identify(life, job.id);
    if (byNumber.has(number)) auditor.violate(`${life} is stored twice`);
    byNumber.set(number, job);
  }
  for (const life of auditor.lives.values()) auditLife(auditor, life, byNumber);
  auditKeys(auditor, jobs);
  await auditTally(auditor, jobs, repository);
  return jobs.filter((job) => !hasEnded(job)).length;
}

/** Compares the entries of durable topics with the jobs. */
export async function auditEntries(auditor: Auditor, jobs: JobRepository, topics: TopicRepository): Promise<void> {
  const expected: string[] = [];
  for (const { topic, state, count } of await jobs.tally()) {
    if (state === "ready" || state === "delayed") expected.push(`${topic} ${state} ${count}`);
  }
  const found: string[] = [];
  for (const { topic, ready, delayed } of await topics.topics()) {
    if (ready > 0) found.push(`${topic} ready ${ready}`);
    if (delayed > 0) found.push(`${topic} delayed ${delayed}`);
  }
  if (found.sort().join() !== expected.sort().join()) {
    auditor.violate(`there are entries ${found.join()} for jobs ${expected.join()}`);
  }
}

async function allJobs(repository: JobRepository): Promise<Job[]> {
  const jobs: Job[] = [];
  let after: JobId | undefined;
  for (;;) {
    const heads = await repository.find({ limit: PAGE, after });
    const page = (await repository.get(heads.map(({ id }) => id))).filter((job) => job !== undefined);
    if (page.length < heads.length) throw new JobqError("JOB_NOT_FOUND", "a job was found that is not there");
    jobs.push(...page);
    after = heads.at(-1)?.id;
    if (heads.length < PAGE) return jobs;
  }
}

function auditLife(auditor: Auditor, life: Life, byNumber: ReadonlyMap<number, Job>): void {
  const { number, unit, ended, begun, acknowledged, duplicateOf } = life;
  const job = byNumber.get(number);
  if (!job) {
    if (acknowledged && duplicateOf === undefined && !begun.has("remove")) auditor.violate(`${life} is lost`);
    const torn = unit.filter((other) => byNumber.has(other) && !begun.has("remove"));
    if (torn.length > 0) auditor.violate(`${life} is not stored, yet ${torn} of the same unit are`);
    return;
  }
  if (duplicateOf !== undefined) auditor.violate(`${life} is stored, yet was left out for ${duplicateOf}`);
  if (ended !== undefined && job.state !== ended) auditor.violate(`${life} is ${job.state}`);
  if (job.state === "done" && !begun.has("done")) auditor.violate(`${life} is done, by nobody`);
  if (job.state === "canceled" && !begun.has("cancel") && !begun.has("cancel by others")) {
    auditor.violate(`${life} is canceled, by nobody: ${job.reason}`);
  }
  if (job.token < life.lastToken) auditor.violate(`${life} has the older token ${job.token}`);
  if (job.unique !== life.unique) auditor.violate(`${life} has the unique key ${job.unique}, not ${life.unique}`);
}

function auditKeys(auditor: Auditor, jobs: readonly Job[]): void {
  const holders = new Map<string, Job>();
  for (const job of jobs) {
    if (job.unique === undefined || hasEnded(job)) continue;
    const other = holders.get(job.unique);
    if (other) auditor.violate(`${job.id} and ${other.id} both hold the unique key ${job.unique}`);
    holders.set(job.unique, job);
  }
}

async function auditTally(auditor: Auditor, jobs: readonly Job[], repository: JobRepository): Promise<void> {
  const counts = new Map<string, number>();
  for (const { topic, state } of jobs) counts.set(`${topic} ${state}`, (counts.get(`${topic} ${state}`) ?? 0) + 1);
  const expected = Array.from(counts, ([what, count]) => `${what} ${count}`)
    .sort()
    .join();
  const tally = (await repository.tally())
    .map(({ topic, state, count }) => `${topic} ${state} ${count}`)
    .sort()
    .join();
  if (tally !== expected) auditor.violate(`the tally says ${tally}, stored are ${expected}`);
}

function hasEnded({ state }: Job): boolean {
  return state === "done" || state === "canceled";
}
