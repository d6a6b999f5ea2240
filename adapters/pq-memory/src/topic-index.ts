import {
  compareEntries,
  entryOf,
  type Job,
  type JobState,
  SortedList,
  type Timestamp,
  type Topic,
  type TopicEntry,
  type TopicInfo,
} from "@jobq/core";

/** What has a place in an index: a job, or as much of one as that takes. */
export type Item = Pick<Job, "id" | "topic" | "weight" | "state" | "runAt" | "blockers">;

/** Where an item is that is delayed. */
type DuePlace = Required<Pick<TopicEntry, "id" | "weight" | "at">>;

/** The place of a delayed item. */
interface Due extends DuePlace {
  readonly item: Item;
}

/** What is known of one topic. */
interface TopicQueue {
  readonly ready: SortedList<Pick<Item, "id" | "weight">, Item>;
  delayed: number;
  paused: boolean;
}

/** Items by topic and by instant: those that are ready, in the order in which they run, and those that are delayed. */
export class TopicIndex {
  readonly #topics = new Map<Topic, TopicQueue>();
  readonly #due = new SortedList<DuePlace, Due>((a, b) => (a.at - b.at || compareEntries(a, b)) < 0);

  /** The next ready item of a topic; none while it is paused. */
  firstReady(topic: Topic): Item | undefined {
    const queue = this.#topics.get(topic);
    return queue && !queue.paused ? queue.ready.first() : undefined;
  }

  /** When the first delayed item is due. */
  nextDueAt(): Timestamp | undefined {
    return this.#due.first()?.at;
  }

  /** The delayed item that is due first, if it is by `now`. */
  firstDue(now: Timestamp): Item | undefined {
    const first = this.#due.first();
    return first && first.at <= now ? first.item : undefined;
  }

  /** The item has come, gone or moved; `from` and `runAt` are what it had, undefined when it was not there. */
  moved(item: Item, from: JobState | undefined, runAt: Timestamp | undefined): void {
    const entry = entryOf(item);
    const wasReady = from === "ready";
    const wasDelayed = from === "delayed" && runAt !== undefined;
    if (!entry && !wasReady && !wasDelayed) return;
    const { id, topic, weight } = item;
    const queue = this.#queue(topic);
    if (wasReady) queue.ready.delete(item);
    if (wasDelayed && this.#due.delete({ id, weight, at: runAt })) queue.delayed--;
    if (!entry) this.#freeIfEmpty(topic, queue);
    else if (entry.at === undefined) queue.ready.add(item);
    else {
      this.#due.add({ id, weight, at: entry.at, item });
      queue.delayed++;
    }
  }

  topics(): TopicInfo[] {
    return [...this.#topics].map(([topic, { ready, delayed, paused }]) => ({
      topic,
      ready: ready.size,
      delayed,
      paused,
    }));
  }

  pause(topic: Topic, paused: boolean): void {
    const queue = this.#queue(topic);
    queue.paused = paused;
    this.#freeIfEmpty(topic, queue);
  }

  #queue(topic: Topic): TopicQueue {
    let queue = this.#topics.get(topic);
    if (!queue) {
      queue = { ready: new SortedList((a, b) => compareEntries(a, b) < 0), delayed: 0, paused: false };
      this.#topics.set(topic, queue);
    }
    return queue;
  }

  #freeIfEmpty(topic: Topic, { ready, delayed, paused }: TopicQueue): void {
    if (ready.size + delayed === 0 && !paused) this.#topics.delete(topic);
  }
}
