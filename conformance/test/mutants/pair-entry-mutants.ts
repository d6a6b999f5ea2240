import { entryOf, type Job, type JobId, type TopicEntry, type Unit, type UnitOutcome } from "@jobq/core";
import { ReferencePair } from "../reference/reference-pair.ts";
import type { PairMutant } from "./mutant.ts";

const wanting = (want: (job: Job, entry: TopicEntry | undefined) => TopicEntry | undefined): PairMutant =>
  class extends ReferencePair {
    override entryOf(job: Job): TopicEntry | undefined {
      return want(job, entryOf(job));
    }
  };

/** Commits after which the entries of some units do not follow. */
const following = (follows: (unit: Unit) => boolean): PairMutant =>
  class extends ReferencePair {
    override async commit(units: readonly Unit[]): Promise<UnitOutcome[]> {
      const outcomes: UnitOutcome[] = [];
      for (const unit of units)
        outcomes.push(...(follows(unit) ? await super.commit([unit]) : await this.jobs.commit([unit])));
      return outcomes;
    }
  };

const notAfter = (...types: string[]): PairMutant =>
  following(({ apply = [] }) => !apply.some(({ type }) => types.includes(type)));

/** Faults of a pair: entries that do not follow. */
export const pairEntryMutants: Readonly<Record<string, PairMutant>> = {
  "gives a job that waits for others an entry": wanting((job, entry) =>
    job.state === "delayed" && job.runAt !== undefined
      ? { id: job.id, topic: job.topic, weight: job.weight, at: job.runAt }
      : entry,
  ),
  "gives a job that waits for others alone a ready entry": wanting((job, entry) =>
    job.blockers ? { id: job.id, topic: job.topic, weight: job.weight } : entry,
  ),
  "gives delayed jobs no entry": wanting((job, entry) => (job.state === "delayed" ? undefined : entry)),
  "forgets weights": wanting((_, entry) => entry && { ...entry, weight: 0 }),
  "moves entries to the topic of another insert": class extends ReferencePair {
    override async commit(units: readonly Unit[]): Promise<UnitOutcome[]> {
      const outcomes = await super.commit(units);
      const inserts = units.flatMap(({ insert = [] }, index) => (outcomes[index]?.ok ? insert : []));
      const present = await this.jobs.get(inserts.map(({ id }) => id));
      const entries = inserts.flatMap((job, index) =>
        present[index] && !units.some(({ apply, remove }) => apply || remove) ? (entryOf(job) ?? []) : [],
      );
      await this.topics.push(entries);
      return outcomes;
    }
  },
  "pushes entries of jobs that were left out": class extends ReferencePair {
    override async commit(units: readonly Unit[]): Promise<UnitOutcome[]> {
      const outcomes = await super.commit(units);
      const left = units.flatMap(({ insert = [] }, index) => {
        const outcome = outcomes[index];
        return insert.filter(({ id }, at) => outcome?.ok && outcome.inserted[at] !== id);
      });
      await this.topics.push(left.flatMap((job) => entryOf(job) ?? []));
      return outcomes;
    }
  },
  "drops the entry of a job that was also left out": class extends ReferencePair {
    override async commit(units: readonly Unit[]): Promise<UnitOutcome[]> {
      const outcomes = await super.commit(units);
      for (const outcome of outcomes) {
        if (outcome.ok) await this.topics.remove(outcome.leftOut.filter((id) => outcome.inserted.includes(id)));
      }
      return outcomes;
    }
  },
  "pushes entries of refused units": class extends ReferencePair {
    override async commit(units: readonly Unit[]): Promise<UnitOutcome[]> {
      const outcomes = await super.commit(units);
      const refused = units.filter((_, index) => !outcomes[index]?.ok);
      await this.topics.push(refused.flatMap(({ insert = [] }) => insert.flatMap((job) => entryOf(job) ?? [])));
      return outcomes;
    }
  },
  "removes entries of refused units": class extends ReferencePair {
    override async commit(units: readonly Unit[]): Promise<UnitOutcome[]> {
      const outcomes = await super.commit(units);
      await this.topics.remove(units.flatMap(({ remove = [] }, index) => (outcomes[index]?.ok ? [] : remove)));
      return outcomes;
    }
  },
  "leaves entries of removed jobs": following(({ remove = [] }) => remove.length === 0),
  "leaves entries of canceled jobs": notAfter("cancel"),
  "leaves entries of jobs that a commit reserves": notAfter("reserve"),
  "forgets entries of retried jobs": notAfter("retry"),
  "forgets entries of released jobs": notAfter("release"),
  "forgets entries of suspended jobs": notAfter("suspend"),
  "forgets entries of reset jobs": notAfter("reset"),
  "forgets entries of unblocked jobs": notAfter("unblock"),
  "forgets entries of promoted jobs": notAfter("promote"),
  "forgets entries of expired jobs": notAfter("expire"),
  "removes all, then pushes all entries of a unit": class extends ReferencePair {
    override async commit(units: readonly Unit[]): Promise<UnitOutcome[]> {
      const outcomes = await super.commit(units);
      const changed = units.length === 1 ? outcomes.flatMap((outcome) => (outcome.ok ? outcome.changed : [])) : [];
      if (changed.length > 1) await this.topics.push(changed.flatMap((job) => entryOf(job) ?? []));
      return outcomes;
    }
  },
  "removes all, then pushes all entries of a batch": class extends ReferencePair {
    override async commit(units: readonly Unit[]): Promise<UnitOutcome[]> {
      const outcomes = await super.commit(units);
      const late =
        units.length === 1 ? [] : units.flatMap(({ insert = [] }) => insert.flatMap((job) => entryOf(job) ?? []));
      await this.topics.push(late);
      return outcomes;
    }
  },
  "forgets entries after the 500th of a commit": class extends ReferencePair {
    override follow(ids: readonly JobId[]): Promise<void> {
      return super.follow(ids.slice(0, 500));
    }
  },
  "fails when there is nothing to do": class extends ReferencePair {
    override async commit(units: readonly Unit[]): Promise<UnitOutcome[]> {
      if (units.length === 0) throw new Error("nothing to do");
      return super.commit(units);
    }
  },
};
