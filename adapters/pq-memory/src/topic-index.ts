import {
  compareEntries,
  entryOf,
  type Job,
  type JobId,
  type JobState,
  PassingMap,
  type Timestamp,
  type Topic,
  type TopicInfo,
} from "@jobq/core";
import { PlaceQueue } from "./place-queue.ts";
import { ReadyQueue } from "./ready-queue.ts";

/** What has a place in an index: a job, or as much of one as that takes. */
export type Item = Pick<Job, "id" | "topic" | "weight" | "state" | "runAt" | "blockers">;

/** The place of a delayed item, until it moves. */
export interface DuePlace<I extends Item> {
  readonly id: JobId;
  readonly weight: number;
  readonly at: Timestamp;
  readonly item: I;
}

/** What is known of one topic. */
interface TopicQueue<I extends Item> {
  readonly places: ReadyQueue<I>;
  ready: number;
  /** Items that left their place other than by its turn, as far as they have not been swept out. */
  dead: number;
  delayed: number;
  paused: boolean;
}

/** So many dead places are always put up with. */
const SOME = 32;

/**
 * Items by topic and by instant, counted. A ready item has its place for as long as it is ready, so that nobody has to
 * look for it when it moves.
 */
export class TopicIndex<I extends Item> {
  readonly #topics = new Map<Topic, TopicQueue<I>>();
  readonly #delayed = new PassingMap<JobId, DuePlace<I>>();
  readonly #due = new PlaceQueue<DuePlace<I>>(
    (a, b) => (a.at - b.at || compareEntries(a, b)) < 0,
    (place) => this.#delayed.get(place.id) === place,
  );

  /** The next ready item of a topic; none while it is paused. */
  firstReady(topic: Topic): I | undefined {
    const queue = this.#topics.get(topic);
    return queue && !queue.paused ? queue.places.first() : undefined;
  }

  /** The delayed item that is due first. */
  firstDue(): DuePlace<I> | undefined {
    return this.#due.first();
  }

  /** The item has come, gone or moved; `from` is the state it had, undefined when it was not there. */
  moved(item: I, from: JobState | undefined): void {
    const { id, topic, state } = item;
    if (from === "ready") this.#leaveReady(topic, state !== "reserved");
    if (from === "delayed" && this.#delayed.delete(id)) this.#leaveDue(topic);
    const entry = entryOf(item);
    if (!entry) return;
    const queue = this.#queue(topic);
    if (entry.at === undefined) {
      queue.places.push(item);
      queue.ready++;
    } else {
      const place = { ...entry, at: entry.at, item };
      this.#delayed.set(id, place);
      this.#due.push(place);
      queue.delayed++;
    }
  }

  topics(): TopicInfo[] {
    return [...this.#topics].map(([topic, { ready, delayed, paused }]) => ({ topic, ready, delayed, paused }));
  }

  pause(topic: Topic, paused: boolean): void {
    const queue = this.#queue(topic);
    queue.paused = paused;
    this.#freeIfEmpty(topic, queue);
  }

  #leaveReady(topic: Topic, isDead: boolean): void {
    const queue = this.#queue(topic);
    if (isDead) queue.dead++;
    if (--queue.ready === 0) this.#freeIfEmpty(topic, queue);
    else if (queue.dead > queue.ready + SOME) {
      queue.places.sweep();
      queue.dead = 0;
    }
  }

  #leaveDue(topic: Topic): void {
    const queue = this.#queue(topic);
    queue.delayed--;
    this.#freeIfEmpty(topic, queue);
    if (this.#due.size > 2 * this.#delayed.size + SOME) this.#due.sweep();
  }

  #queue(topic: Topic): TopicQueue<I> {
    let queue = this.#topics.get(topic);
    if (!queue) {
      queue = { places: new ReadyQueue(), ready: 0, dead: 0, delayed: 0, paused: false };
      this.#topics.set(topic, queue);
    }
    return queue;
  }

  #freeIfEmpty(topic: Topic, { ready, delayed, paused }: TopicQueue<I>): void {
    if (ready + delayed === 0 && !paused) this.#topics.delete(topic);
  }
}
