import { compareEntries, type JobHead, type Topic, type TopicEntry } from "@jobq/core";

/** A topic of which fewer jobs were claimed here is always looked at from its beginning. */
const BUSY_CLAIMS = 5_000;

/** And any topic is, if nobody has for so long. */
const FULL_EVERY_MS = 100;

/** Topics that are remembered: where there are ever new ones, those of long ago are forgotten with all the others. */
const MAX_TOPICS = 10_000;

interface Claimed {
  jobs: number;
  lookedAt: number;
  cursor: TopicEntry | undefined;
}

/**
 * Where the ready jobs of a busy topic begin, as the claims of this process have found. PostgreSQL keeps the index
 * entries of claimed jobs until it vacuums, and a claim that starts at the beginning passes over all of them; one that
 * starts where the last one ended does not. What this process makes ready below is noticed; what others do is found at
 * the next look from the beginning.
 */
export class ClaimCursors {
  readonly #topics = new Map<Topic, Claimed>();
  readonly #now: () => number;

  /** @param now steady milliseconds */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Where a claim may begin; undefined for at the beginning. */
  of(topic: Topic): TopicEntry | undefined {
    const claimed = this.#topics.get(topic);
    if (!claimed || claimed.jobs < BUSY_CLAIMS) return undefined;
    return this.#now() - claimed.lookedAt < FULL_EVERY_MS ? claimed.cursor : undefined;
  }

  /** A claim that began at `cursor` has found these jobs, in any order. */
  claimed(topic: Topic, jobs: readonly JobHead[], cursor: TopicEntry | undefined): void {
    const claimed = this.#topics.get(topic) ?? { jobs: 0, lookedAt: 0, cursor: undefined };
    claimed.jobs += jobs.length;
    if (claimed.jobs === 0) return;
    if (this.#topics.size >= MAX_TOPICS && !this.#topics.has(topic)) this.#topics.clear();
    this.#topics.set(topic, claimed);
    if (!cursor) claimed.lookedAt = this.#now();
    else if (jobs.length === 0) claimed.cursor = undefined; // what there is lies below it
    let last = claimed.cursor;
    for (const job of jobs) if (!last || compareEntries(job, last) > 0) last = job;
    claimed.cursor = last && { id: last.id, topic, weight: last.weight };
  }

  /** These jobs became ready here. */
  readied(jobs: readonly JobHead[]): void {
    for (const job of jobs) {
      const claimed = this.#topics.get(job.topic);
      if (claimed?.cursor && compareEntries(job, claimed.cursor) < 0) claimed.cursor = undefined;
    }
  }
}
