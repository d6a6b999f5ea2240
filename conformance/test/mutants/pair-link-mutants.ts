import {
  type Claim,
  entryOf,
  type Job,
  type JobHead,
  type JobId,
  type Timestamp,
  type TopicEntry,
  type Unit,
  type UnitOutcome,
  waitsForSlot,
} from "@jobq/core";
import { ReferencePair } from "../reference/reference-pair.ts";
import type { PairMutant } from "./mutant.ts";

const wanting = (want: (job: Job, entry: TopicEntry | undefined) => TopicEntry | undefined): PairMutant =>
  class extends ReferencePair {
    override entryOf(job: Job): TopicEntry | undefined {
      return want(job, entryOf(job));
    }
  };

/** Commits after which the entries of units with such a change do not follow. */
const notAfter = (...types: string[]): PairMutant =>
  class extends ReferencePair {
    override async commit(units: readonly Unit[]): Promise<UnitOutcome[]> {
      const outcomes: UnitOutcome[] = [];
      for (const unit of units) {
        const follows = !unit.apply?.some(({ type }) => types.includes(type));
        outcomes.push(...(await (follows ? super.commit([unit]) : this.jobs.commit([unit]))));
      }
      return outcomes;
    }
  };

const answering = (change: (jobs: Job[]) => Job[]): PairMutant =>
  class extends ReferencePair {
    override async claim(claim: Claim, now: Timestamp): Promise<Job[]> {
      return change(await super.claim(claim, now));
    }
  };

const promoting = (change: (jobs: JobHead[]) => JobHead[]): PairMutant =>
  class extends ReferencePair {
    override async promote(now: Timestamp, limit: number): Promise<JobHead[]> {
      return change(await super.promote(now, limit));
    }
  };

/** Faults of a pair with times to live, limits and wakes. */
export const pairLinkMutants: Readonly<Record<string, PairMutant>> = {
  "gives a job that waits for a slot a ready entry": wanting((job, entry) =>
    waitsForSlot(job) ? { id: job.id, topic: job.topic, weight: job.weight } : entry,
  ),
  "gives a job that awaits something no entry": wanting((job, entry) => (job.awaits === undefined ? entry : undefined)),
  "gives a job with a limit no entry": wanting((job, entry) => (job.limit ? undefined : entry)),
  "forgets entries of admitted jobs": notAfter("admit"),
  "forgets entries of woken jobs": notAfter("wake"),
  "does not tell of jobs that expired when they were reserved": answering((jobs) =>
    jobs.filter(({ state }) => state === "reserved"),
  ),
  "tells of jobs that expired as if they were reserved": answering((jobs) =>
    jobs.map((job) => ({ ...job, state: "reserved", reason: undefined })),
  ),
  "stops at a job that expired": class extends ReferencePair {
    override async claim(claim: Claim, now: Timestamp): Promise<Job[]> {
      const jobs: Job[] = [];
      for (let left = claim.limit; left > 0; left -= 1) {
        const [job] = await super.claim({ ...claim, limit: 1 }, now);
        if (job?.state !== "reserved") return jobs;
        jobs.push(job);
      }
      return jobs;
    }
  },
  "reserves jobs whose time to live has passed": class extends ReferencePair {
    override async claim(claim: Claim, now: Timestamp): Promise<Job[]> {
      const jobs = await super.claim(claim, now);
      const late = jobs.filter(({ state }) => state !== "reserved").map(({ id }) => id);
      await this.jobs.commit(late.map((id) => ({ now, apply: [{ type: "reset", id }] })));
      await this.jobs.commit(
        late.map((id) => ({ now: 0, apply: [{ type: "reserve", id, by: claim.by, leaseMs: now + 30_000 }] })),
      );
      return (await this.jobs.get(jobs.map(({ id }) => id))) as Job[];
    }
  },
  "does not tell of jobs that expired when they were due": promoting((jobs) =>
    jobs.filter(({ state }) => state !== "canceled"),
  ),
  "does not tell of jobs that are due and wait for a slot": promoting((jobs) =>
    jobs.filter(({ state }) => state !== "delayed"),
  ),
  "leaves what has a limit delayed": class extends ReferencePair {
    override async promote(now: Timestamp, limit: number): Promise<JobHead[]> {
      const due = await this.jobs.find({ state: "delayed", limit: 100_000 });
      const some = due.filter((job) => !job.limit && !job.blockers && job.runAt !== undefined && job.runAt <= now);
      return this.changeEach(some.slice(0, limit).map(({ id }) => ({ now, apply: [{ type: "promote", id }] })));
    }
  },
  "takes the slot of a job whose lease it ends": class extends ReferencePair {
    override async expire(now: Timestamp, limit: number): Promise<JobHead[]> {
      const jobs = await super.expire(now, limit);
      return jobs.map((job) => ({ ...job, slot: undefined }));
    }
  },
  "gives who waits for a slot an entry in a recovery": class extends ReferencePair {
    override async *recover(limit: number): AsyncGenerator<number> {
      yield* super.recover(limit);
      const waiting = (await this.jobs.find({ state: "delayed", limit: 100_000 })).filter(waitsForSlot);
      await this.topics.push(waiting.map(({ id, topic, weight }) => ({ id, topic, weight })));
    }
  },
  "keeps a queued key while its job is reserved": class extends ReferencePair {
    readonly #kept = new Map<string, JobId>();
    override async claim(claim: Claim, now: Timestamp): Promise<Job[]> {
      const jobs = await super.claim(claim, now);
      for (const { id, unique, uniqueSpan } of jobs) if (unique && uniqueSpan === "queued") this.#kept.set(unique, id);
      return jobs;
    }
    override commit(units: readonly Unit[]): Promise<UnitOutcome[]> {
      const free = ({ unique }: Job) => unique === undefined || !this.#kept.has(unique);
      return super.commit(units.map((unit) => (unit.insert ? { ...unit, insert: unit.insert.filter(free) } : unit)));
    }
  },
};
