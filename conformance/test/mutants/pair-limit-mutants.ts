import {
  type Claim,
  heldKey,
  type Job,
  type JobHead,
  type QueueStore,
  type Timestamp,
  type Unit,
  type UnitOutcome,
} from "@jobq/core";
import { JobData } from "../reference/reference-jobs.ts";
import { ReferencePair } from "../reference/reference-pair.ts";
import { TopicData } from "../reference/reference-topics.ts";
import type { PairMutant } from "./mutant.ts";

const _tick = (): Promise<void> => Promise.resolve();

const claiming = (change: (claim: Claim) => Claim): PairMutant =>
  class extends ReferencePair {
    override claim(claim: Claim, now: Timestamp): Promise<Job[]> {
      return super.claim(change(claim), now);
    }
  };

/** A call that a pair goes on with once its repositories are closed. */
const goingOn = (name: "commit" | "reserve" | "promote" | "expire"): PairMutant =>
  class extends ReferencePair {
    constructor(jobs = new JobData(), topics = new TopicData()) {
      super(jobs, topics);
      const open = new ReferencePair(jobs, topics);
      Object.assign(this, { [name]: (...args: never[]) => (open[name] as (...args: never[]) => unknown)(...args) });
    }
  };

const YEAR_2038 = (2 ** 31 - 1) * 1_000;

/** Faults of a pair: ends that free no key, what is much, long, late or closed. */
export const pairLimitMutants: Readonly<Record<string, PairMutant>> = {
  "expires nothing of a paused topic": class extends ReferencePair {
    override async expire(now: Timestamp, limit: number): Promise<JobHead[]> {
      const paused = new Set((await this.topics.topics()).filter((info) => info.paused).map(({ topic }) => topic));
      const ended = await this.jobs.find({ leaseEndsBy: now, limit });
      const some = ended.filter(({ topic }) => !paused.has(topic));
      return this.changeEach(some.map(({ id }) => ({ now, apply: [{ type: "expire", id }] })));
    }
  },
  "promotes nothing of a paused topic": class extends ReferencePair {
    override async promote(now: Timestamp, limit: number): Promise<JobHead[]> {
      const paused = new Set((await this.topics.topics()).filter((info) => info.paused).map(({ topic }) => topic));
      const due = await this.jobs.find({ state: "delayed", limit: 100_000 });
      const some = due.filter(
        ({ topic, runAt = Infinity, blockers }) => !paused.has(topic) && runAt <= now && !blockers,
      );
      return this.changeEach(some.slice(0, limit).map(({ id }) => ({ now, apply: [{ type: "promote", id }] })));
    }
  },
  ...Object.fromEntries(
    [100, 500, 999].flatMap((most) => [
      [
        `promotes ${most} at most`,
        class extends ReferencePair {
          override promote(now: Timestamp, limit: number): Promise<JobHead[]> {
            return super.promote(now, Math.min(limit, most));
          }
        },
      ],
      [
        `expires ${most} at most`,
        class extends ReferencePair {
          override expire(now: Timestamp, limit: number): Promise<JobHead[]> {
            return super.expire(now, Math.min(limit, most));
          }
        },
      ],
    ]),
  ),
  "promotes of one topic at a time": class extends ReferencePair {
    override async promote(now: Timestamp, limit: number): Promise<JobHead[]> {
      const due = (await this.jobs.find({ state: "delayed", limit: 100_000 })).filter(
        ({ runAt = Infinity, blockers }) => runAt <= now && !blockers,
      );
      const some = due.filter(({ topic }) => topic === due[0]?.topic).slice(0, limit);
      return this.changeEach(some.map(({ id }) => ({ now, apply: [{ type: "promote", id }] })));
    }
  },
  ...Object.fromEntries(
    [1_000, 5_000, 9_999].map((most) => [
      `reserves ${most} at most`,
      claiming((claim) => ({ ...claim, limit: Math.min(claim.limit, most) })),
    ]),
  ),
  "never frees the unique key of a job that it expired": class extends ReferencePair {
    readonly #kept = new Set<string>();
    override async expire(now: Timestamp, limit: number): Promise<JobHead[]> {
      const jobs = await super.expire(now, limit);
      for (const { state, unique } of jobs) if (state === "canceled" && unique) this.#kept.add(unique);
      return jobs;
    }
    override commit(units: readonly Unit[]): Promise<UnitOutcome[]> {
      const free = (job: Job) => heldKey(job) === undefined || !this.#kept.has(heldKey(job) as string);
      return super.commit(units.map((unit) => (unit.insert ? { ...unit, insert: unit.insert.filter(free) } : unit)));
    }
  },
  "commits 1,000 inserts of a unit": class extends ReferencePair {
    override commit(units: readonly Unit[]): Promise<UnitOutcome[]> {
      return super.commit(units.map((unit) => ({ ...unit, insert: unit.insert?.slice(0, 1_000) ?? [] })));
    }
  },
  "shortens holders": claiming((claim) => ({ ...claim, by: claim.by.slice(0, 128) })),
  "trims holders": claiming((claim) => ({ ...claim, by: claim.by.trim() })),
  "keeps holders in lower case": claiming((claim) => ({ ...claim, by: claim.by.toLowerCase() })),
  "reserves for 25 days at most": claiming((claim) => ({
    ...claim,
    ...(claim.leaseMs !== undefined && { leaseMs: Math.min(claim.leaseMs, 2 ** 31 - 1) }),
  })),
  "claims by the first 200 characters of a topic": claiming((claim) => ({
    ...claim,
    topic: claim.topic.slice(0, 200),
  })),
  "promotes from 2038 on whatever is later": class extends ReferencePair {
    override async promote(now: Timestamp, limit: number): Promise<JobHead[]> {
      return super.promote(now >= YEAR_2038 ? 8.64e15 : now, limit);
    }
  },
  ...Object.fromEntries(
    (["commit", "reserve", "promote", "expire"] as const).map((name) => [
      `goes on with ${name} after close`,
      goingOn(name),
    ]),
  ),
} satisfies Record<string, new (jobs?: JobData, topics?: TopicData) => QueueStore>;
