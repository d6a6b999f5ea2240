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

const tick = (): Promise<void> => Promise.resolve();

const claiming = (change: (claim: Claim) => Claim): PairMutant =>
  class extends ReferencePair {
    override claim(claim: Claim, now: Timestamp): Promise<Job[]> {
      return super.claim(change(claim), now);
    }
  };

/** Units as the pair's own commit takes them; the job repository stays right. */
const committing = (change: (unit: Unit) => Unit): PairMutant =>
  class extends ReferencePair {
    override commit(units: readonly Unit[]): Promise<UnitOutcome[]> {
      return super.commit(units.map(change));
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
  "commits a unit's key without looking at it again": class extends ReferencePair {
    override async commit(units: readonly Unit[]): Promise<UnitOutcome[]> {
      const [unit] = units as readonly [Unit];
      const resets = units.length === 1 && unit.apply?.every(({ type }) => type === "reset") ? unit.apply : [];
      const before = await this.jobs.get(resets.map(({ id }) => id));
      const keys = before.map((job) => job?.unique);
      const live = await this.jobs.find({ limit: 100_000 });
      const held = live.some((job) => keys.includes(heldKey(job) ?? "none"));
      await tick();
      if (resets.length === 0 || held) return super.commit(units);
      // Nobody held the key a moment ago.
      const others = (await this.jobs.find({ limit: 100_000 })).filter((job) => keys.includes(heldKey(job) ?? "none"));
      const whole = await this.jobs.get(others.map(({ id }) => id));
      await this.jobs.commit([{ now: unit.now, remove: others.map(({ id }) => id) }]);
      const outcomes = await super.commit(units);
      const back = whole.map((job) => ({ ...(job as Job), unique: undefined }));
      await this.jobs.commit([{ now: unit.now, insert: back }]);
      return outcomes;
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
  "cuts errors that are committed": committing((unit) => ({
    ...unit,
    apply: (unit.apply ?? []).map((change) =>
      change.type === "retry" && change.error !== undefined
        ? { ...change, error: change.error.slice(0, 4_096) }
        : change,
    ),
  })),
  "commits 500 changes of a unit": committing(({ apply = [], ...unit }) => ({ ...unit, apply: apply.slice(0, 500) })),
  "commits 1,000 inserts of a unit": committing(({ insert = [], ...unit }) => ({
    ...unit,
    insert: insert.slice(0, 1_000),
  })),
  "takes the key of an ended job when that is inserted again": class extends ReferencePair {
    readonly #taken = new Set<string>();
    override async commit(units: readonly Unit[]): Promise<UnitOutcome[]> {
      const keep = (job: Job) => heldKey(job) === undefined || !this.#taken.has(heldKey(job) as string);
      const outcomes = await super.commit(
        units.map((unit) => (unit.insert ? { ...unit, insert: unit.insert.filter(keep) } : unit)),
      );
      const inserts = units.flatMap(({ insert = [] }) => insert);
      const stored = await this.jobs.get(inserts.map(({ id }) => id));
      for (const job of stored) if (job?.unique && job.finishedAt !== undefined) this.#taken.add(job.unique);
      return outcomes;
    }
  },
  "lets handles find half of a commit": class extends ReferencePair {
    override async commit(units: readonly Unit[]): Promise<UnitOutcome[]> {
      const [unit] = units as readonly [Unit];
      if (units.length !== 1 || (unit.apply?.length ?? 0) < 50 || unit.note) return super.commit(units);
      const outcomes: UnitOutcome[] = [];
      for (const change of unit.apply ?? []) {
        outcomes.push(...(await super.commit([{ now: unit.now, apply: [change] }])));
      }
      const changed = outcomes.flatMap((outcome) => (outcome.ok ? outcome.changed : []));
      return [{ ok: true, inserted: [], leftOut: [], changed, removed: [] }];
    }
  },
  ...Object.fromEntries(
    (["commit", "reserve", "promote", "expire"] as const).map((name) => [
      `goes on with ${name} after close`,
      goingOn(name),
    ]),
  ),
} satisfies Record<string, new (jobs?: JobData, topics?: TopicData) => QueueStore>;
