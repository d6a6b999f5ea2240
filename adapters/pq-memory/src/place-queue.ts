import type { TopicEntry } from "@jobq/core";
import { Heap } from "./heap.ts";

/** An entry in a queue; a removed one lies there until it surfaces or the queue is mostly such. */
export interface Place extends TopicEntry {
  removed: boolean;
}

/**
 * A priority queue from which any place can be removed. Places nearly always arrive in order, and for those a row with
 * a head is O(1) in and out however long it is; what comes late goes through a heap.
 */
export class PlaceQueue {
  readonly #less: (a: Place, b: Place) => boolean;
  readonly #late: Heap<Place>;
  #row: Place[] = [];
  #head = 0;
  #removed = 0;

  /** @param less whether `a` comes before `b` */
  constructor(less: (a: Place, b: Place) => boolean) {
    this.#less = less;
    this.#late = new Heap(less);
  }

  push(place: Place): void {
    const last = this.#row[this.#row.length - 1];
    if (last === undefined || this.#less(last, place)) this.#row.push(place);
    else this.#late.push(place);
  }

  /** The place that comes first. */
  peek(): Place | undefined {
    const late = this.#late.peek();
    const first = this.#row[this.#head];
    return late && (!first || this.#less(late, first)) ? late : first;
  }

  /** Takes a place that was pushed here, and not removed yet, out. */
  remove(place: Place): void {
    place.removed = true;
    this.#removed++;
    for (let first = this.peek(); first?.removed; first = this.peek()) this.#drop(first);
    if (this.#removed * 2 > this.#row.length - this.#head + this.#late.size) {
      const isThere = (place: Place) => !place.removed;
      this.#late.retain(isThere);
      this.#shorten();
      this.#row = this.#row.filter(isThere);
      this.#removed = 0;
    }
  }

  #drop(first: Place): void {
    this.#removed--;
    if (first === this.#late.peek()) this.#late.pop();
    else if (++this.#head * 2 > this.#row.length) this.#shorten();
  }

  #shorten(): void {
    this.#row = this.#row.slice(this.#head);
    this.#head = 0;
  }
}
