import { Heap } from "./heap.ts";

/**
 * A priority queue whose places may die while they lie in it. Places nearly always arrive in order, and for those a row
 * with a head is O(1) in and out however long it is; what comes late goes through a heap.
 */
export class PlaceQueue<P> {
  readonly #less: (a: P, b: P) => boolean;
  readonly #isLive: (place: P) => boolean;
  readonly #late: Heap<P>;
  #row: P[] = [];
  #head = 0;

  /**
   * @param less whether `a` comes before `b`
   * @param isLive whether a place is still wanted; others lie there until they surface or are swept out
   */
  constructor(less: (a: P, b: P) => boolean, isLive: (place: P) => boolean) {
    this.#less = less;
    this.#isLive = isLive;
    this.#late = new Heap(less);
  }

  /** How many lie here, dead or alive. */
  get size(): number {
    return this.#row.length - this.#head + this.#late.size;
  }

  push(place: P): void {
    const row = this.#row;
    if (this.#head === row.length || this.#less(row[row.length - 1] as P, place)) row.push(place);
    else this.#late.push(place);
  }

  /** The first one that is alive; those before it are gone. */
  first(): P | undefined {
    for (;;) {
      const late = this.#late.peek();
      const next = this.#row[this.#head];
      const isLate = late !== undefined && (next === undefined || this.#less(late, next));
      const first = isLate ? late : next;
      if (first === undefined || this.#isLive(first)) return first;
      if (isLate) this.#late.pop();
      else if (++this.#head * 2 > this.#row.length) this.#shorten();
    }
  }

  /** Drops what is dead, and what is there twice. */
  sweep(): void {
    this.#shorten();
    const live = [...new Set([...this.#row, ...this.#late.drain()])].filter(this.#isLive);
    this.#row = live.sort((a, b) => (this.#less(a, b) ? -1 : 1));
  }

  #shorten(): void {
    this.#row = this.#row.slice(this.#head);
    this.#head = 0;
  }
}
