import { compareEntries } from "@jobq/core";
import { EntryHeap, type Place } from "./entry-heap.ts";

/**
 * The ready entries of one weight. Ids nearly always arrive in order, and for those a row with a head is O(1) in and
 * out however long it is; what comes late goes through a heap.
 */
export class Lane {
  readonly weight: number;
  #row: Place[] = [];
  #head = 0;
  #removed = 0;
  #late: EntryHeap | undefined;

  constructor(weight: number) {
    this.weight = weight;
  }

  push(place: Place): void {
    const last = this.#row[this.#row.length - 1];
    if (last === undefined || last.id < place.id) {
      this.#row.push(place);
      return;
    }
    this.#late ??= new EntryHeap(compareEntries);
    this.#late.push(place);
  }

  /** The place that comes first. */
  peek(): Place | undefined {
    const late = this.#late?.peek();
    const first = this.#first();
    if (!late || !first) return late ?? first;
    return late.id < first.id ? late : first;
  }

  remove(place: Place): void {
    if (this.#late?.peek() === place) {
      this.#late.remove(place);
    } else if (this.#row[this.#head] === place) {
      this.#skip();
    } else if (this.#isInRow(place)) {
      place.removed = true;
      if (++this.#removed * 2 > this.#row.length - this.#head) this.#compact();
    } else {
      this.#late?.remove(place);
    }
  }

  #first(): Place | undefined {
    while (this.#row[this.#head]?.removed) {
      this.#skip();
      this.#removed--;
    }
    return this.#row[this.#head];
  }

  #skip(): void {
    this.#head++;
    if (this.#head === this.#row.length || (this.#head > 1024 && this.#head * 2 > this.#row.length)) this.#compact();
  }

  #compact(): void {
    this.#row = this.#row.slice(this.#head).filter(({ removed }) => !removed);
    this.#head = 0;
    this.#removed = 0;
  }

  #isInRow(place: Place): boolean {
    let low = this.#head;
    let high = this.#row.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#row[middle] as Place).id < place.id) low = middle + 1;
      else high = middle;
    }
    return this.#row[low] === place;
  }
}
