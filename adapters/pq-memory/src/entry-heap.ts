import type { TopicEntry } from "@jobq/core";
import { Heap } from "./heap.ts";

/** Where an entry lies; a removed one stays in the heap until it surfaces or the heap is mostly such. */
export interface Place extends TopicEntry {
  removed: boolean;
}

/** A heap of entries from which any entry can be removed. */
export class EntryHeap {
  readonly #heap: Heap<Place>;
  #removed = 0;

  /** @param compare negative when `a` comes before `b` */
  constructor(compare: (a: TopicEntry, b: TopicEntry) => number) {
    this.#heap = new Heap((a, b) => compare(a, b) < 0);
  }

  get size(): number {
    return this.#heap.size - this.#removed;
  }

  push(place: Place): void {
    this.#heap.push(place);
  }

  /** The place that comes first. */
  peek(): Place | undefined {
    let first = this.#heap.peek();
    while (first?.removed) {
      this.#heap.pop();
      this.#removed--;
      first = this.#heap.peek();
    }
    return first;
  }

  /** Takes an entry that was pushed here, and not removed yet, out: at once if it comes first, lazily otherwise. */
  remove(place: Place): void {
    if (this.#heap.peek() === place) {
      this.#heap.pop();
      return;
    }
    place.removed = true;
    this.#removed++;
    if (this.#removed * 2 <= this.#heap.size) return;
    this.#heap.retain(({ removed }) => !removed);
    this.#removed = 0;
  }
}
