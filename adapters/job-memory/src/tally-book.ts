import { JOB_STATES, type JobState, type Tally, type Topic } from "@jobq/core";

type Counts = Record<JobState, number>;

/** Counts per topic and state, kept as jobs move. */
export class TallyBook {
  readonly #topics = new Map<Topic, Counts>();

  /** A job of the topic goes from one state to another, undefined where it is not there. */
  move(topic: Topic, from: JobState | undefined, to: JobState | undefined): void {
    if (from === to) return;
    const counts = this.#of(topic);
    if (to) counts[to]++;
    if (from && --counts[from] === 0 && JOB_STATES.every((state) => counts[state] === 0)) this.#topics.delete(topic);
  }

  all(): Tally[] {
    return [...this.#topics].flatMap(([topic, counts]) =>
      JOB_STATES.flatMap((state) => (counts[state] > 0 ? { topic, state, count: counts[state] } : [])),
    );
  }

  #of(topic: Topic): Counts {
    let counts = this.#topics.get(topic);
    if (!counts) {
      counts = { delayed: 0, ready: 0, reserved: 0, done: 0, canceled: 0 };
      this.#topics.set(topic, counts);
    }
    return counts;
  }
}
