import type { Claim, Job, JobHead, JobId, Timestamp, Topic, Unit, UnitOutcome } from "@jobq/core";
import { ReferencePair } from "../reference/reference-pair.ts";
import type { PairMutant } from "./mutant.ts";

/** Faults of a handle that believes nobody else writes. */
export const pairHandleMutants: Readonly<Record<string, PairMutant>> = {
  "remembers which topics have nothing to reserve": class extends ReferencePair {
    readonly #empty = new Set<Topic>();
    override async claim(claim: Claim, now: Timestamp): Promise<Job[]> {
      if (this.#empty.has(claim.topic)) return [];
      const jobs = await super.claim(claim, now);
      if (jobs.length === 0) this.#empty.add(claim.topic);
      return jobs;
    }
    override commit(units: readonly Unit[]): Promise<UnitOutcome[]> {
      this.#empty.clear();
      return super.commit(units);
    }
  },
  "begins a claim where the last one ended": class extends ReferencePair {
    readonly #floors = new Map<Topic, JobId>();
    override async claim(claim: Claim, now: Timestamp): Promise<Job[]> {
      const floor = this.#floors.get(claim.topic) ?? "";
      const ready = await this.jobs.find({ topic: claim.topic, state: "ready", limit: 100_000 });
      const passed = ready.filter(({ id }) => id <= floor);
      if (passed.length < ready.length) await this.topics.remove(passed.map(({ id }) => id));
      const jobs = await super.claim(claim, now);
      if (passed.length < ready.length) await this.follow(passed.map(({ id }) => id));
      this.#floors.set(
        claim.topic,
        jobs
          .map(({ id }) => id)
          .sort()
          .at(-1) ?? floor,
      );
      return jobs;
    }
    override commit(units: readonly Unit[]): Promise<UnitOutcome[]> {
      this.#floors.clear();
      return super.commit(units);
    }
  },
  "remembers that nothing is due": class extends ReferencePair {
    #none = false;
    override async promote(now: Timestamp, limit: number): Promise<JobHead[]> {
      if (this.#none) return [];
      const jobs = await super.promote(now, limit);
      this.#none = jobs.length === 0;
      return jobs;
    }
    override commit(units: readonly Unit[]): Promise<UnitOutcome[]> {
      this.#none = false;
      return super.commit(units);
    }
  },
  "remembers when the next job is due": class extends ReferencePair {
    #next: Timestamp | undefined;
    override async promote(now: Timestamp, limit: number): Promise<JobHead[]> {
      if (this.#next !== undefined && now < this.#next) return [];
      const jobs = await super.promote(now, limit);
      this.#next = await this.topics.nextDueAt();
      return jobs;
    }
  },
  "remembers that no lease has ended": class extends ReferencePair {
    #none = false;
    override async expire(now: Timestamp, limit: number): Promise<JobHead[]> {
      if (this.#none) return [];
      const jobs = await super.expire(now, limit);
      this.#none = jobs.length === 0;
      return jobs;
    }
    override reserve(claims: readonly Claim[], now: Timestamp): Promise<Job[][]> {
      this.#none = false;
      return super.reserve(claims, now);
    }
  },
  "remembers when the next lease ends": class extends ReferencePair {
    #next: Timestamp | undefined;
    override async expire(now: Timestamp, limit: number): Promise<JobHead[]> {
      if (this.#next !== undefined && now < this.#next) return [];
      const jobs = await super.expire(now, limit);
      this.#next = await this.jobs.nextLeaseEndAt();
      return jobs;
    }
    override reserve(claims: readonly Claim[], now: Timestamp): Promise<Job[][]> {
      this.#next = undefined;
      return super.reserve(claims, now);
    }
  },
  "remembers which topics run": class extends ReferencePair {
    readonly #running = new Set<Topic>();
    override async claim(claim: Claim, now: Timestamp): Promise<Job[]> {
      const paused = (await this.topics.topics()).some((info) => info.topic === claim.topic && info.paused);
      if (!paused) this.#running.add(claim.topic);
      if (!paused || !this.#running.has(claim.topic)) return super.claim(claim, now);
      await this.topics.pause(claim.topic, false);
      const jobs = await super.claim(claim, now);
      await this.topics.pause(claim.topic, true);
      return jobs;
    }
  },
};
