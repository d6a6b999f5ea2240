import {
  type Change,
  type Claim,
  copyJob,
  type DirectWrites,
  type Job,
  type JobHead,
  type QueueStore,
  type Timestamp,
  type TopicRepository,
  type Unit,
  type UnitOutcome,
} from "@jobq/core";
import type { FusableJobs } from "./fusable-jobs.ts";
import type { Item, TopicIndex } from "./topic-index.ts";

/** Jobs and topics of one process: the jobs themselves are in the topics, so that reserving one takes no look-up. */
export class FusedStore implements QueueStore {
  readonly jobs: FusableJobs;
  readonly topics: TopicRepository;
  readonly #index: TopicIndex;
  readonly direct: DirectWrites;

  /** @param index where the jobs get their places */
  constructor(jobs: FusableJobs, topics: TopicRepository, index: TopicIndex) {
    this.jobs = jobs;
    this.topics = topics;
    this.#index = index;
    const { insert, change } = jobs.internals;
    this.direct = { insert, change, reserve: (claims, now) => claims.map((claim) => this.#reserve(claim, now)) };
    jobs.internals.follow((job, from, runAt) => index.moved(job, from, runAt));
  }

  commit(units: readonly Unit[]): Promise<UnitOutcome[]> {
    return this.jobs.commit(units);
  }

  async reserve(claims: readonly Claim[], now: Timestamp): Promise<Job[][]> {
    return this.direct.reserve(claims, now).map((jobs) => jobs.map(copyJob));
  }

  async promote(now: Timestamp, limit: number): Promise<JobHead[]> {
    const promote = (id: string): Change => ({ type: "promote", id });
    const jobs = this.#take(limit, now, promote, () => this.#index.firstDue(now));
    return jobs.map(copyJob);
  }

  async expire(now: Timestamp, limit: number): Promise<JobHead[]> {
    const ended = await this.jobs.find({ state: "reserved", leaseEndsBy: now, limit });
    const outcomes = await this.jobs.commit(ended.map(({ id }) => ({ now, apply: [{ type: "expire", id }] })));
    return outcomes.flatMap((outcome) => (outcome.ok ? outcome.changed : []));
  }

  async *recover(): AsyncGenerator<number> {
    // A job cannot lose itself.
  }

  #reserve({ topic, limit, by, leaseMs }: Claim, now: Timestamp): Job[] {
    const reserve = (id: string): Change => ({ type: "reserve", id, by, leaseMs });
    return this.#take(limit, now, reserve, () => this.#index.firstReady(topic));
  }

  /** Makes the change to one job after the other, which nothing can refuse to what `first` returns. */
  #take(limit: number, now: Timestamp, change: (id: string) => Change, first: () => Item | undefined): Job[] {
    const { internals } = this.jobs;
    const taken: Job[] = [];
    const next = (): Job | undefined => first() as Job | undefined; // the jobs are all that is in the index
    for (let job = next(); job; job = taken.length < limit ? next() : undefined) {
      internals.change(job, change(job.id), now);
      taken.push(job);
    }
    return taken;
  }
}
