import type { Claim, Job, JobHead, Timestamp, TopicRepository } from "@jobq/core";
import { guarded } from "../reference/guarded.ts";
import type { JobData } from "../reference/reference-jobs.ts";
import { ReferencePair } from "../reference/reference-pair.ts";
import type { TopicData } from "../reference/reference-topics.ts";
import type { PairMutant, TopicMutant } from "./mutant.ts";
import { topicPushMutants } from "./topic-push-mutants.ts";
import { topicStateMutants } from "./topic-state-mutants.ts";

const tick = (): Promise<void> => Promise.resolve();

/** The fault of a topic repository, in a pair. */
const withTopics = (mutant: TopicMutant | undefined): PairMutant =>
  class extends ReferencePair {
    override readonly topics: TopicRepository;
    constructor(jobs?: JobData, topics?: TopicData) {
      super(jobs, topics);
      this.topics = guarded(new (mutant as TopicMutant)(topics));
    }
  };

const claiming = (change: (claim: Claim) => Claim): PairMutant =>
  class extends ReferencePair {
    override claim(claim: Claim, now: Timestamp): Promise<Job[]> {
      return super.claim(change(claim), now);
    }
  };

const answering = (change: (jobs: Job[]) => Job[]): PairMutant =>
  class extends ReferencePair {
    override async claim(claim: Claim, now: Timestamp): Promise<Job[]> {
      return change(await super.claim(claim, now));
    }
  };

/** Faults of a pair: reserving, promoting, expiring, recovering, and those of its repositories. */
export const pairTimeMutants: Readonly<Record<string, PairMutant>> = {
  "reserves without minding the limit": claiming((claim) => ({ ...claim, limit: 1_000_000 })),
  "reserves by the lease of the claim or half a minute": claiming(({ leaseMs = 30_000, ...claim }) => ({
    ...claim,
    leaseMs,
  })),
  "reserves for each job's own timeout only": claiming(({ leaseMs: _, ...claim }) => claim),
  "reserves for nobody in particular": claiming((claim) => ({ ...claim, by: "somebody" })),
  "answers reserved jobs as they were": answering((jobs) =>
    jobs.map((job) => ({ ...job, state: "ready", token: job.token - 1 })),
  ),
  "answers reserved jobs without their payload": answering((jobs) =>
    jobs.map(({ payload: _, ...head }) => head as Job),
  ),
  "answers reserved jobs in any order": answering((jobs) => jobs.sort((a, b) => (a.id < b.id ? -1 : 1))),
  "answers the claims in the order of their topics": class extends ReferencePair {
    override reserve(claims: readonly Claim[], now: Timestamp): Promise<Job[][]> {
      return super.reserve(
        [...claims].sort((a, b) => (a.topic < b.topic ? -1 : 1)),
        now,
      );
    }
  },
  "answers the claims on one topic alike": class extends ReferencePair {
    override async reserve(claims: readonly Claim[], now: Timestamp): Promise<Job[][]> {
      const answers = await super.reserve(claims, now);
      return claims.map(({ topic }) => answers[claims.findIndex((claim) => claim.topic === topic)] as Job[]);
    }
  },
  "stops at an entry that was left behind": class extends ReferencePair {
    override async claim(claim: Claim, now: Timestamp): Promise<Job[]> {
      const ids = await this.topics.pop(claim.topic, claim.limit);
      const { by, leaseMs } = claim;
      const outcomes = await this.jobs.commit(
        ids.map((id) => ({ now, apply: [{ type: "reserve", id, by, leaseMs }] })),
      );
      return (await this.jobs.get(ids.filter((_, index) => outcomes[index]?.ok))) as Job[];
    }
  },
  "hands out what it could not reserve": class extends ReferencePair {
    override async claim({ topic, limit, by, leaseMs }: Claim, now: Timestamp): Promise<Job[]> {
      const ids = await this.topics.pop(topic, limit);
      await this.jobs.commit(ids.map((id) => ({ now, apply: [{ type: "reserve", id, by, leaseMs }] })));
      return (await this.jobs.get(ids)).filter((job) => job !== undefined);
    }
  },
  "hands one job to several callers": class extends ReferencePair {
    readonly #under = new Map<string, Promise<Job[]>>();
    override claim(claim: Claim, now: Timestamp): Promise<Job[]> {
      const under =
        this.#under.get(claim.topic) ?? super.claim(claim, now).finally(() => this.#under.delete(claim.topic));
      this.#under.set(claim.topic, under);
      return under;
    }
  },
  "promotes all that is due whatever the limit": class extends ReferencePair {
    override promote(now: Timestamp): Promise<JobHead[]> {
      return super.promote(now, 1_000_000);
    }
  },
  "promotes one at a time": class extends ReferencePair {
    override promote(now: Timestamp): Promise<JobHead[]> {
      return super.promote(now, 1);
    }
  },
  "stops at a due entry that was left behind": class extends ReferencePair {
    override async promote(now: Timestamp, limit: number): Promise<JobHead[]> {
      const ids = await this.topics.popDue(now, limit);
      return this.changeEach(ids.map((id) => ({ now, apply: [{ type: "promote", id }] })));
    }
  },
  "promotes nothing": class extends ReferencePair {
    override async promote(): Promise<JobHead[]> {
      return [];
    }
  },
  "promotes too late": class extends ReferencePair {
    override promote(now: Timestamp, limit: number): Promise<JobHead[]> {
      return super.promote(now - 1, limit);
    }
  },
  "answers what others promoted": class extends ReferencePair {
    override async promote(now: Timestamp, limit: number): Promise<JobHead[]> {
      const found = (await this.jobs.find({ state: "delayed", limit: 1_000 })).filter(
        ({ runAt = Infinity, blockers }) => runAt <= now && !blockers,
      );
      await super.promote(now, limit);
      return (await this.jobs.get(found.slice(0, limit).map(({ id }) => id))) as Job[];
    }
  },
  "expires all whatever the limit": class extends ReferencePair {
    override expire(now: Timestamp): Promise<JobHead[]> {
      return super.expire(now, 1_000_000);
    }
  },
  "expires too late": class extends ReferencePair {
    override expire(now: Timestamp, limit: number): Promise<JobHead[]> {
      return super.expire(now - 1, limit);
    }
  },
  "expires what is still held": class extends ReferencePair {
    override async expire(now: Timestamp, limit: number): Promise<JobHead[]> {
      const held = await this.jobs.find({ state: "reserved", limit });
      return this.changeEach(held.map(({ id }) => ({ now: now + 1_000_000, apply: [{ type: "expire", id }] })));
    }
  },
  "releases instead of expiring": class extends ReferencePair {
    override async expire(now: Timestamp, limit: number): Promise<JobHead[]> {
      const ended = await this.jobs.find({ leaseEndsBy: now, limit });
      return this.changeEach(ended.map(({ id, token }) => ({ now, apply: [{ type: "release", id, token }] })));
    }
  },
  "answers what others expired": class extends ReferencePair {
    override async expire(now: Timestamp, limit: number): Promise<JobHead[]> {
      const ended = await this.jobs.find({ leaseEndsBy: now, limit });
      await tick();
      await super.expire(now, limit);
      return (await this.jobs.get(ended.map(({ id }) => id))) as Job[];
    }
  },
  "recovers nothing": class extends ReferencePair {
    override async *recover(): AsyncGenerator<number> {}
  },
  "recovers one page": class extends ReferencePair {
    override async *recover(limit: number): AsyncGenerator<number> {
      for await (const count of super.recover(limit)) {
        yield count;
        return;
      }
    }
  },
  "recovers pages of any size": class extends ReferencePair {
    override recover(): AsyncGenerator<number> {
      return super.recover(1_000);
    }
  },
  "recovers reserved jobs as if they were ready": class extends ReferencePair {
    override async *recover(limit: number): AsyncGenerator<number> {
      yield* super.recover(limit);
      const held = await this.jobs.find({ state: "reserved", limit: 1_000 });
      await this.topics.push(held.map(({ id, topic, weight }) => ({ id, topic, weight })));
    }
  },
  "removes what is reserved during a recovery": class extends ReferencePair {
    override async *recover(limit: number): AsyncGenerator<number> {
      const held = await this.jobs.find({ state: "ready", limit: 1_000 });
      for await (const count of super.recover(limit)) {
        await this.topics.remove(held.map(({ id }) => id));
        yield count;
      }
    }
  },
  "has other data when it is opened again": class extends ReferencePair {
    constructor(jobs?: JobData, topics?: TopicData) {
      if (jobs && [...jobs.jobs.values()].some(({ state }) => state === "reserved"))
        for (const [id, job] of jobs.jobs) jobs.jobs.set(id, { ...job, token: job.token + 1 });
      super(jobs, topics);
    }
  },
  "keeps a second handle apart": class extends ReferencePair {
    constructor(jobs?: JobData) {
      super(jobs);
    }
  },
  "topics ignore pauses": withTopics(topicStateMutants["ignores pauses"]),
  "topics pop the highest weight first": withTopics(topicPushMutants["pops the highest weight first"]),
};
