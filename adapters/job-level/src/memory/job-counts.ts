import {
  type Damage,
  isFinal,
  JOB_STATES,
  type JobHead,
  type JobQuery,
  type JobState,
  type Tally,
  type Topic,
} from "@jobq/core";
import { jsonRecord, type Level, type LevelBatch, pagesOf, readJson, UTF8, unreadable } from "@jobq/level";
import { ALL_COUNTS, countsKey, topicOfCounts } from "../layout/keys.ts";
import type { HeadChange } from "./head-change.ts";

/** How many jobs are in each state, in the order of `JOB_STATES`; part of the records. */
type Counts = readonly number[];

const NOBODY: Counts = JOB_STATES.map(() => 0);
const PLACE = Object.fromEntries(JOB_STATES.map((state, place) => [state, place])) as Record<JobState, number>;

const LIVE = JOB_STATES.filter((state) => !isFinal(state));

/** The counts after a commit that is not made yet. */
export type CountsAfter = ReadonlyMap<Topic, Counts>;

/** How many jobs each topic has in each state; kept beside the jobs, in the same batches. */
export class JobCounts {
  readonly #counts: Map<Topic, Counts>;

  /** False when a record could not be read, so that the jobs have to be counted. */
  readonly isKnown: boolean;

  private constructor(counts: Map<Topic, Counts>, isKnown = true) {
    this.#counts = counts;
    this.isKnown = isKnown;
  }

  static async load(level: Level, damage: Damage): Promise<JobCounts> {
    const counts = new Map<Topic, Counts>();
    for await (const page of pagesOf(level.iterator({ ...ALL_COUNTS, ...UTF8 }))) {
      for (const [key, record] of page) {
        const value = damage.absentIfDamaged(() => readCounts(key, record));
        if (!value) return new JobCounts(new Map(), false);
        counts.set(topicOfCounts(key), value);
      }
    }
    return new JobCounts(counts);
  }

  /** The counts of these jobs. */
  static async of(pages: AsyncIterable<readonly JobHead[]>): Promise<JobCounts> {
    const counts = new JobCounts(new Map());
    for await (const page of pages) {
      counts.adopt(counts.after(page.map((after) => ({ id: after.id, before: undefined, after }))));
    }
    return counts;
  }

  /** These counts once others have taken their place. */
  replacedBy({ counts }: { readonly counts: ReadonlyMap<Topic, Counts> }): CountsAfter {
    return new Map([...Array.from(this.#counts.keys(), (topic) => [topic, NOBODY] as const), ...counts]);
  }

  /** By topic. */
  get counts(): ReadonlyMap<Topic, Counts> {
    return this.#counts;
  }

  all(): Tally[] {
    const all: Tally[] = [];
    for (const [topic, counts] of this.#counts) {
      for (const state of JOB_STATES) {
        const count = counts[PLACE[state]] as number;
        if (count > 0) all.push({ topic, state, count });
      }
    }
    return all;
  }

  /** How many jobs there are of what is given. */
  count({ state, topic, live }: Pick<JobQuery, "state" | "topic" | "live"> = {}): number {
    const states = state !== undefined ? [state] : live ? LIVE : JOB_STATES;
    let count = 0;
    for (const counts of topic === undefined ? this.#counts.values() : [this.#counts.get(topic) ?? NOBODY]) {
      for (const one of states) count += counts[PLACE[one]] as number;
    }
    return count;
  }

  /**
   * The counts of the topics that the changes touch, when they are made.
   * @param recounted counts that take the place of these
   */
  after(changes: readonly HeadChange[], recounted: CountsAfter = new Map()): CountsAfter {
    const after = new Map(Array.from(recounted, ([topic, counts]) => [topic, [...counts]] as const));
    const add = (topic: Topic, state: JobState, count: number): void => {
      let counts = after.get(topic);
      if (!counts) {
        counts = [...(this.#counts.get(topic) ?? NOBODY)];
        after.set(topic, counts);
      }
      (counts[PLACE[state]] as number) += count;
    };
    for (const { before, after: job } of changes) {
      if (before && job && before.state === job.state && before.topic === job.topic) continue;
      if (before) add(before.topic, before.state, -1);
      if (job) add(job.topic, job.state, 1);
    }
    return after;
  }

  /** The counts have been written. */
  adopt(after: CountsAfter): void {
    for (const [topic, counts] of after) {
      if (isEmpty(counts)) this.#counts.delete(topic);
      else this.#counts.set(topic, counts);
    }
  }
}

function readCounts(key: string, record: string): Counts {
  const value = readJson<Counts>(key, record);
  const isRight = Array.isArray(value) && value.length === JOB_STATES.length && value.every(Number.isSafeInteger);
  if (!isRight) throw unreadable(key, record);
  return value;
}

/** Adds the records of the counts to a batch. */
export function writeCounts(batch: LevelBatch, after: CountsAfter): void {
  for (const [topic, counts] of after) {
    if (isEmpty(counts)) batch.del(countsKey(topic));
    else batch.put(countsKey(topic), jsonRecord(counts));
  }
}

function isEmpty(counts: Counts): boolean {
  return counts.every((count) => count === 0);
}
