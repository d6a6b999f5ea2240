import {
  heldKey,
  type Job,
  type JobHead,
  type JobId,
  type JobQuery,
  type Lookup,
  type Note,
  type NoteKind,
  type Tally,
  type Timestamp,
  type Unit,
  type UnitOutcome,
} from "@jobq/core";
import { ReferenceJobs } from "../reference/reference-jobs.ts";
import type { JobMutant } from "./mutant.ts";

/** What a handle has read, remembered until it writes itself. */
class Remembering extends ReferenceJobs {
  readonly #seen = new Map<string, unknown>();

  override async commit(units: readonly Unit[]): Promise<UnitOutcome[]> {
    this.#seen.clear();
    return super.commit(units);
  }

  async remember<T>(key: string, read: () => Promise<T>, keep: (value: T) => boolean = () => true): Promise<T> {
    if (this.#seen.has(key)) return this.copy(this.#seen.get(key) as T);
    const value = await read();
    if (keep(value)) this.#seen.set(key, this.copy(value));
    return value;
  }
}

const gets = (keep: (job: Job | undefined) => boolean): JobMutant =>
  class extends Remembering {
    override get(ids: readonly JobId[]): Promise<(Job | undefined)[]> {
      const one = (id: JobId) => this.remember(id, async () => (await super.get([id]))[0], keep);
      return Promise.all(ids.map(one));
    }
  };

const finds = (keep: (jobs: JobHead[], query: JobQuery) => boolean): JobMutant =>
  class extends Remembering {
    override find(query: JobQuery): Promise<JobHead[]> {
      return this.remember(
        JSON.stringify(query),
        () => super.find(query),
        (jobs) => keep(jobs, query),
      );
    }
  };

/** A look-up that remembers, per handle and for ever, what it is told to keep. */
const looksUp = (
  keep: (found: Job | undefined) => boolean,
  keepHolder: (id: JobId | undefined) => boolean,
): JobMutant =>
  class extends ReferenceJobs {
    readonly #jobs = new Map<JobId, Job | undefined>();
    readonly #holders = new Map<string, JobId | undefined>();
    override lookup(): Lookup<Job> {
      return { ...super.lookup(), job: (id) => this.#job(id), holder: (unique) => this.#holder(unique) };
    }
    override store(unit: Unit): UnitOutcome {
      const outcome = super.store(unit);
      for (const { id } of [...(unit.insert ?? []), ...(unit.apply ?? [])]) this.#jobs.delete(id);
      for (const id of [...(unit.remove ?? []), ...(unit.purge ?? [])]) this.#jobs.delete(id);
      for (const [key, id] of this.#holders) {
        const touched = unit.apply?.some((change) => change.id === id) || unit.remove?.includes(id as JobId);
        const took = unit.insert?.some((job) => job.unique === key && heldKey(this.data.jobs.get(job.id)) === key);
        if (touched || took) this.#holders.delete(key);
      }
      return outcome;
    }
    #job(id: JobId): Job | undefined {
      if (this.#jobs.has(id)) return this.#jobs.get(id);
      const job = this.data.jobs.get(id);
      if (keep(job)) this.#jobs.set(id, job);
      return job;
    }
    #holder(unique: string): JobId | undefined {
      if (this.#holders.has(unique)) return this.#holders.get(unique);
      const id = this.holder(unique);
      if (keepHolder(id)) this.#holders.set(unique, id);
      return id;
    }
  };

/** Faults of a handle that believes nobody else writes. */
export const jobMemoryMutants: Readonly<Record<string, JobMutant>> = {
  "remembers jobs that it read": gets((job) => job !== undefined),
  "remembers that there is no such job": gets((job) => job === undefined),
  "remembers jobs that have ended": gets((job) => job?.finishedAt !== undefined),
  "remembers lists": finds(() => true),
  "remembers lists that were empty": finds((jobs) => jobs.length === 0),
  "remembers lists of what has ended": finds((_, { finishedBy }) => finishedBy !== undefined),
  "remembers lists of ended leases": finds((_, { leaseEndsBy }) => leaseEndsBy !== undefined),
  "remembers lists of a topic": finds((_, { topic }) => topic !== undefined),
  "remembers lists by tag": finds((_, { tags }) => tags !== undefined),
  "remembers lists of a group": finds((_, { group }) => group !== undefined),
  "remembers the counts": class extends Remembering {
    override tally(): Promise<Tally[]> {
      return this.remember("tally", () => super.tally());
    }
  },
  "counts what it wrote itself": class extends ReferenceJobs {
    readonly #deltas = new Map<string, number>();
    readonly #base = super.tally();
    override async commit(units: readonly Unit[]): Promise<UnitOutcome[]> {
      const before = await super.tally();
      const outcomes = await super.commit(units);
      const keyOf = ({ topic, state }: Tally) => JSON.stringify([topic, state]);
      const add = (one: Tally, by: number) => this.#deltas.set(keyOf(one), (this.#deltas.get(keyOf(one)) ?? 0) + by);
      for (const one of before) add(one, -one.count);
      for (const one of await super.tally()) add(one, one.count);
      return outcomes;
    }
    override async tally(): Promise<Tally[]> {
      const counts = new Map(this.#deltas);
      for (const { topic, state, count } of await this.#base) {
        const key = JSON.stringify([topic, state]);
        counts.set(key, (counts.get(key) ?? 0) + count);
      }
      return [...counts].flatMap(([key, count]) => {
        const [topic, state] = JSON.parse(key) as [string, Tally["state"]];
        return count ? [{ topic, state, count }] : [];
      });
    }
  },
  "remembers the next lease end": class extends Remembering {
    override nextLeaseEndAt(): Promise<Timestamp | undefined> {
      return this.remember("lease", () => super.nextLeaseEndAt());
    }
  },
  "remembers that nothing is reserved": class extends Remembering {
    override nextLeaseEndAt(): Promise<Timestamp | undefined> {
      return this.remember(
        "lease",
        () => super.nextLeaseEndAt(),
        (at) => at === undefined,
      );
    }
  },
  "remembers the earliest lease end until that has gone": class extends ReferenceJobs {
    #at: Timestamp | undefined;
    override async nextLeaseEndAt(): Promise<Timestamp | undefined> {
      if (this.#at === undefined || !this.leaseEnds().includes(this.#at)) this.#at = await super.nextLeaseEndAt();
      return this.#at;
    }
  },
  "remembers notes": class extends Remembering {
    override notes(id: JobId, kind: NoteKind): Promise<Note[]> {
      return this.remember(`${id} ${kind}`, () => super.notes(id, kind));
    }
  },
  "remembers that a job has no notes": class extends Remembering {
    override notes(id: JobId, kind: NoteKind): Promise<Note[]> {
      return this.remember(
        `${id} ${kind}`,
        () => super.notes(id, kind),
        (notes) => notes.length === 0,
      );
    }
  },
  "changes jobs as it remembers them": looksUp(
    (job) => job !== undefined,
    () => false,
  ),
  "remembers for commits that there is no such job": looksUp(
    (job) => job === undefined,
    () => false,
  ),
  "remembers who holds a unique key": looksUp(
    () => false,
    (id) => id !== undefined,
  ),
  "remembers that a unique key is free": class extends ReferenceJobs {
    readonly #own = new Map<string, JobId>();
    readonly #known = new Set<string>();
    override holder(unique: string): JobId | undefined {
      const own = this.#own.get(unique);
      if (own && heldKey(this.data.jobs.get(own)) === unique) return own;
      if (this.#known.has(unique)) return undefined;
      const holder = super.holder(unique);
      if (holder === undefined) this.#known.add(unique);
      return holder;
    }
    override store(unit: Unit): UnitOutcome {
      const outcome = super.store(unit);
      for (const { id, unique } of unit.insert ?? []) {
        if (unique && heldKey(this.data.jobs.get(id)) === unique) this.#own.set(unique, id);
      }
      return outcome;
    }
  },
};
