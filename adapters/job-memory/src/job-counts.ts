import { JOB_STATES, type JobState, type Tally, type Topic } from "@jobq/core";

/** How many jobs of a topic are in each state, in the order of `JOB_STATES`. */
type Counts = number[];

/** Counts per topic and state, kept as jobs move. */
export class JobCounts {
  readonly #topics = new Map<Topic, Counts>();
  /** The topic that was asked for last, and its counts: most moves are about the same one again. */
  #topic: Topic | undefined;
  #counts: Counts = [];

  /** A job of the topic goes from one state to another, undefined where it is not there. */
  move(topic: Topic, from: JobState | undefined, to: JobState | undefined): void {
    if (from === to) return;
    const counts = this.#of(topic);
    if (to) add(counts, to, 1);
    if (from && add(counts, from, -1) === 0 && counts.every((count) => count === 0)) {
      this.#topics.delete(topic);
      this.#topic = undefined;
    }
  }

  all(): Tally[] {
    return [...this.#topics].flatMap(([topic, counts]) =>
      JOB_STATES.flatMap((state, index) => {
        const count = counts[index] as number;
        return count > 0 ? { topic, state, count } : [];
      }),
    );
  }

  #of(topic: Topic): Counts {
    if (topic !== this.#topic) {
      this.#topic = topic;
      this.#counts = this.#topics.get(topic) ?? JOB_STATES.map(() => 0);
      this.#topics.set(topic, this.#counts);
    }
    return this.#counts;
  }
}

function add(counts: Counts, state: JobState, some: number): number {
  const at = JOB_STATES.indexOf(state);
  const count = (counts[at] ?? 0) + some;
  counts[at] = count;
  return count;
}
