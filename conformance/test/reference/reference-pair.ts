import {
  type Claim,
  entryOf,
  type Job,
  type JobHead,
  type JobId,
  type JobRepository,
  type QueueStore,
  type StoreWithin,
  type Timestamp,
  type TopicEntry,
  type TopicRepository,
  type Unit,
  type UnitOutcome,
} from "@jobq/core";
import { guarded } from "./guarded.ts";
import { type JobData, ReferenceJobs } from "./reference-jobs.ts";
import { ReferenceTopics, type TopicData } from "./reference-topics.ts";

/** More than any case needs; a mutant may put entries back for ever. */
const ROUNDS = 1_000;

/** The data of a reference pair as a transaction sees it. */
export class ReferenceTransaction {
  readonly jobs: JobData;
  readonly topics: TopicData;

  constructor(jobs: JobData, topics: TopicData) {
    this.jobs = jobs;
    this.topics = topics;
  }
}

/** Two references as one store: after each step it reads the jobs concerned and gives them the entries they want. */
export class ReferencePair implements QueueStore {
  readonly jobs: JobRepository;
  readonly topics: TopicRepository;
  /** Jobs whose entries may not be what they want, since a write failed. */
  readonly stale = new Set<JobId>();

  constructor(jobs?: JobData, topics?: TopicData) {
    this.jobs = guarded(new ReferenceJobs(jobs));
    this.topics = guarded(new ReferenceTopics(topics));
  }

  async commit(units: readonly Unit[]): Promise<UnitOutcome[]> {
    const ids = units.flatMap(idsOf);
    let outcomes: UnitOutcome[];
    try {
      outcomes = await this.jobs.commit(units);
    } catch (error) {
      this.doubt(ids);
      throw error;
    }
    try {
      await this.follow(ids);
    } catch {
      this.doubt(ids); // the jobs are stored
    }
    return outcomes;
  }

  /** The entries of these jobs are put right before any others are taken. */
  doubt(ids: readonly JobId[]): void {
    for (const id of ids) this.stale.add(id);
  }

  async settle(): Promise<void> {
    const ids = [...this.stale];
    await this.follow(ids);
    for (const id of ids) this.stale.delete(id);
  }

  async reserve(claims: readonly Claim[], now: Timestamp): Promise<Job[][]> {
    await this.settle();
    const answers: Job[][] = [];
    for (const claim of claims) answers.push(await this.claim(claim, now));
    return answers;
  }

  async claim({ topic, limit, by, leaseMs }: Claim, now: Timestamp): Promise<Job[]> {
    const reserved: JobId[] = [];
    for (let round = 0; round < ROUNDS && reserved.length < limit; round += 1) {
      const ids = await this.topics.pop(topic, limit - reserved.length);
      if (ids.length === 0) break;
      const units = ids.map((id): Unit => ({ now, apply: [{ type: "reserve", id, by, leaseMs }] }));
      const outcomes = await this.jobs.commit(units).catch((error: unknown) => {
        this.doubt(ids);
        throw error;
      });
      reserved.push(...ids.filter((_, index) => outcomes[index]?.ok));
    }
    return (await this.jobs.get(reserved)).filter((job) => job !== undefined);
  }

  async promote(now: Timestamp, limit: number): Promise<JobHead[]> {
    await this.settle();
    const promoted: JobHead[] = [];
    for (let round = 0; round < ROUNDS && promoted.length < limit; round += 1) {
      const ids = await this.topics.popDue(now, limit - promoted.length);
      if (ids.length === 0) break;
      promoted.push(...(await this.changeEach(ids.map((id) => ({ now, apply: [{ type: "promote", id }] })))));
    }
    return promoted;
  }

  async expire(now: Timestamp, limit: number): Promise<JobHead[]> {
    const ended = await this.jobs.find({ leaseEndsBy: now, limit });
    return this.changeEach(ended.map(({ id }) => ({ now, apply: [{ type: "expire", id }] })));
  }

  within(transaction: object): StoreWithin {
    const { jobs, topics } = transaction as ReferenceTransaction;
    const inside = this.inside(jobs, topics);
    return { commit: (units) => inside.commit(units), now: async () => inside.jobs.clock.now() };
  }

  inside(jobs: JobData, topics: TopicData): ReferencePair {
    return new (this.constructor as typeof ReferencePair)(jobs, topics);
  }

  async *recover(limit: number): AsyncGenerator<number> {
    for (const state of ["ready", "delayed"] as const) {
      for (let after: JobId | undefined; ; ) {
        const page = await this.jobs.find({ state, limit, ...(after === undefined ? {} : { after }) });
        await this.follow(page.map(({ id }) => id));
        if (page.length === 0) break;
        yield page.length;
        after = page.at(-1)?.id;
      }
    }
  }

  async changeEach(units: readonly Unit[]): Promise<JobHead[]> {
    return (await this.commit(units)).flatMap((outcome) => (outcome.ok ? outcome.changed : []));
  }

  /** Gives each of these jobs the entry it wants. */
  async follow(ids: readonly JobId[]): Promise<void> {
    const entries = (await this.jobs.get(ids)).map((job) => job && this.entryOf(job));
    await this.topics.remove(ids.filter((_, index) => entries[index] === undefined));
    await this.topics.push(entries.filter((entry) => entry !== undefined));
  }

  entryOf(job: Job): TopicEntry | undefined {
    return entryOf(job);
  }
}

function idsOf({ insert = [], apply = [], remove = [], purge = [] }: Unit): JobId[] {
  return [...insert.map(({ id }) => id), ...apply.map(({ id }) => id), ...remove, ...purge];
}
