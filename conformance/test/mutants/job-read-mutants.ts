import {
  type Job,
  type JobHead,
  type JobId,
  type JobQuery,
  matches,
  type Tally,
  type Timestamp,
  type Unit,
  type UnitOutcome,
  type Write,
} from "@jobq/core";
import { ReferenceJobs } from "../reference/reference-jobs.ts";
import type { JobMutant } from "./mutant.ts";

const FILTERS = ["state", "reason", "topic", "name", "tags", "group", "leaseEndsBy", "finishedBy", "after"] as const;

/** Jobs found as the mutant says. */
const matching = (match: (query: JobQuery, job: Job) => boolean): JobMutant =>
  class extends ReferenceJobs {
    override matches(query: JobQuery, job: Job): boolean {
      return match(query, job);
    }
  };

/** Queries changed before they are answered. */
const asking = (change: (query: JobQuery) => JobQuery): JobMutant =>
  class extends ReferenceJobs {
    override select(query: JobQuery): Job[] {
      return super.select(change(query));
    }
  };

const tallied = (tally: (tally: Tally[], jobs: ReferenceJobs) => Tally[]): JobMutant =>
  class extends ReferenceJobs {
    override async tally(): Promise<Tally[]> {
      return tally(await super.tally(), this);
    }
  };

/** Faults of reading. */
export const jobReadMutants: Readonly<Record<string, JobMutant>> = {
  ...Object.fromEntries(
    FILTERS.map((filter) => [`finds without minding ${filter}`, asking(({ [filter]: _, ...query }) => query)]),
  ),
  "minds the last filter only": matching((query, job) => {
    const [last] = Object.entries(query)
      .filter(([key, value]) => key !== "limit" && value !== undefined)
      .reverse();
    return !last || matches({ [last[0]]: last[1], limit: 1 }, job);
  }),
  "finds any limit": asking((query) => ({ ...query, limit: 1_000_000 })),
  "finds one too few": class extends ReferenceJobs {
    override select(query: JobQuery): Job[] {
      return query.limit > 1 ? super.select({ ...query, limit: query.limit - 1 }) : super.select(query);
    }
  },
  "limits before it filters": class extends ReferenceJobs {
    override select(query: JobQuery): Job[] {
      return this.inOrder()
        .slice(0, query.limit)
        .filter((job) => this.matches(query, job));
    }
  },
  "finds the job at the cursor again": matching(
    ({ after, ...query }, job) => (after === undefined || job.id >= after) && matches(query, job),
  ),
  "begins at the start when the job at the cursor is gone": class extends ReferenceJobs {
    override select({ after, ...query }: JobQuery): Job[] {
      return super.select(after && this.data.jobs.has(after) ? { after, ...query } : query);
    }
  },
  "finds in the order of the inserts": class extends ReferenceJobs {
    override inOrder(): Job[] {
      return [...this.data.jobs.values()];
    }
  },
  "finds leases that end before the instant only": matching(
    (query, job) => matches(query, job) && (query.leaseEndsBy === undefined || job.leaseUntil !== query.leaseEndsBy),
  ),
  "finds jobs that ended before the instant only": matching(
    (query, job) => matches(query, job) && (query.finishedBy === undefined || job.finishedAt !== query.finishedBy),
  ),
  "finds jobs with any of the tags": matching(({ tags, ...query }, job) => {
    const list = Object.entries(tags ?? {});
    return matches(query, job) && (list.length === 0 || list.some(([key, value]) => job.tags?.[key] === value));
  }),
  "finds topics without their case": matching(
    ({ topic, ...query }, job) =>
      matches(query, job) && (topic === undefined || job.topic.toLowerCase() === topic.toLowerCase()),
  ),
  "takes dots in the names of tags for paths": matching(({ tags = {}, ...query }, job) => {
    const list = Object.entries(tags).filter(([key]) => !/[."'\\[]/.test(key));
    return matches({ ...query, tags: Object.fromEntries(list) }, job);
  }),
  "finds by the state at insert": class extends ReferenceJobs {
    readonly #first = new Map<JobId, Job>();
    override write(write: Write<Job>): void {
      if (!write.before && write.after) this.#first.set(write.after.id, write.after);
      super.write(write);
    }
    override matches(query: JobQuery, job: Job): boolean {
      return super.matches(
        query,
        query.state === "ready" || query.state === "delayed"
          ? { ...job, state: this.#first.get(job.id)?.state ?? job.state }
          : job,
      );
    }
  },
  "finds whole jobs": class extends ReferenceJobs {
    override headOf(job: Job): JobHead {
      return job;
    }
  },
  "lets readers see half a unit": class extends ReferenceJobs {
    override async commit(units: readonly Unit[]): Promise<UnitOutcome[]> {
      const outcomes: UnitOutcome[] = [];
      for (const unit of units) {
        const { outcome, writes, notes } = this.work(unit);
        for (const write of writes) {
          this.keep([write], []);
          if (writes.length > 1) await Promise.resolve();
        }
        if (outcome.ok) this.keep([], notes);
        outcomes.push(this.answer(outcome));
      }
      return outcomes;
    }
  },
  "gets by id order": class extends ReferenceJobs {
    override async get(ids: readonly JobId[]): Promise<(Job | undefined)[]> {
      return super.get([...ids].sort());
    }
  },
  "leaves out what is not there": class extends ReferenceJobs {
    override async get(ids: readonly JobId[]): Promise<(Job | undefined)[]> {
      return (await super.get(ids)).filter((job) => job !== undefined);
    }
  },
  "gets an id once": class extends ReferenceJobs {
    override async get(ids: readonly JobId[]): Promise<(Job | undefined)[]> {
      return super.get([...new Set(ids)]);
    }
  },
  "gets 1,000 jobs at most": class extends ReferenceJobs {
    override async get(ids: readonly JobId[]): Promise<(Job | undefined)[]> {
      return super.get(ids.slice(0, 1_000));
    }
  },
  "loses results": class extends ReferenceJobs {
    override async get(ids: readonly JobId[]): Promise<(Job | undefined)[]> {
      return (await super.get(ids)).map((job) => job && { ...job, result: undefined });
    }
  },
  "keeps a result through a reset": class extends ReferenceJobs {
    override write(write: Write<Job>): void {
      super.write(
        write.after
          ? { before: write.before, after: { ...write.after, result: write.after.result ?? write.before?.result } }
          : write,
      );
    }
  },
  "answers the latest lease end": class extends ReferenceJobs {
    override async nextLeaseEndAt(): Promise<Timestamp | undefined> {
      return this.leaseEnds().sort((a, b) => b - a)[0];
    }
  },
  "answers lease ends that lie ahead only": class extends ReferenceJobs {
    override leaseEnds(): Timestamp[] {
      return super.leaseEnds().filter((at) => at >= Date.UTC(2026, 0, 1));
    }
  },
  "remembers the ends of leases that are over": class extends ReferenceJobs {
    readonly #ends = new Set<Timestamp>();
    override leaseEnds(): Timestamp[] {
      for (const at of super.leaseEnds()) this.#ends.add(at);
      return [...this.#ends];
    }
  },
  "does not see that a lease is longer": class extends ReferenceJobs {
    readonly #first = new Map<string, Timestamp>();
    override write(write: Write<Job>): void {
      const { id, token, leaseUntil } = write.after ?? {};
      if (leaseUntil && !this.#first.has(`${id} ${token}`)) this.#first.set(`${id} ${token}`, leaseUntil);
      super.write(write);
    }
    override leaseEnds(): Timestamp[] {
      const held = [...this.data.jobs.values()].filter(({ leaseUntil }) => leaseUntil !== undefined);
      return held.flatMap(({ id, token }) => this.#first.get(`${id} ${token}`) ?? []);
    }
  },
  "tallies zeros": tallied((tally) => [...tally, { topic: "topic", state: "ready", count: 0 }]),
  "tallies topics without their case": class extends ReferenceJobs {
    override tallyKey({ topic, state }: JobHead): string {
      return JSON.stringify([topic.toLowerCase(), state]);
    }
  },
  "tallies all that was ever inserted as ready": class extends ReferenceJobs {
    #removed = 0;
    override forget(id: JobId): void {
      this.#removed += 1;
      super.forget(id);
    }
    override async tally(): Promise<Tally[]> {
      return (await super.tally()).map((one) => ({ ...one, count: one.count + this.#removed }));
    }
  },
  "tallies canceled jobs as they were before": tallied((tally) =>
    tally.map((one) => (one.state === "canceled" ? { ...one, state: "delayed" } : one)),
  ),
  "has a clock that tells nothing": class extends ReferenceJobs {
    override readonly clock = { now: () => Number.NaN, alarm: () => () => undefined, sync: () => Promise.resolve() };
  },
  "keeps instants to the second": class extends ReferenceJobs {
    override store(unit: Unit): UnitOutcome {
      return super.store({ ...unit, now: Math.floor(unit.now / 1_000) * 1_000 });
    }
  },
  "keeps instants in 32 bits of seconds": class extends ReferenceJobs {
    override store(unit: Unit): UnitOutcome {
      return super.store({ ...unit, now: Math.min(unit.now, 2 ** 31 * 1_000) });
    }
  },
};
