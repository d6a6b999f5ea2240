import { JOB_STATES, type JobHead, type JobState, type Tally, type Topic } from "@jobq/core";

type Counts = Record<JobState, number>;

/** Counts per topic and state, kept as jobs move. */
export class TallyBook {
  readonly #topics = new Map<Topic, Counts>();

  move(before: JobHead | undefined, after: JobHead | undefined): void {
    if (before?.state === after?.state) return;
    if (after) this.#of(after.topic)[after.state]++;
    if (before) this.#leave(before);
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

  #leave({ topic, state }: JobHead): void {
    const counts = this.#of(topic);
    counts[state]--;
    if (counts[state] === 0 && JOB_STATES.every((other) => counts[other] === 0)) this.#topics.delete(topic);
  }
}
