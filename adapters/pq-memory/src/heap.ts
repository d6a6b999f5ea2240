/** A binary heap: the least item first, O(log n) in and out. */
export class Heap<T> {
  #items: T[] = [];
  readonly #less: (a: T, b: T) => boolean;

  constructor(less: (a: T, b: T) => boolean) {
    this.#less = less;
  }

  get size(): number {
    return this.#items.length;
  }

  peek(): T | undefined {
    return this.#items[0];
  }

  push(item: T): void {
    const items = this.#items;
    let at = items.length;
    items.push(item);
    while (at > 0) {
      const parent = (at - 1) >>> 1;
      const above = items[parent] as T;
      if (!this.#less(item, above)) break;
      items[at] = above;
      at = parent;
    }
    items[at] = item;
  }

  pop(): T | undefined {
    const items = this.#items;
    const least = items[0];
    const last = items.pop() as T;
    const half = items.length >>> 1;
    let at = 0;
    while (at < half) {
      let child = 2 * at + 1;
      if (child + 1 < items.length && this.#less(items[child + 1] as T, items[child] as T)) child++;
      if (!this.#less(items[child] as T, last)) break;
      items[at] = items[child] as T;
      at = child;
    }
    if (items.length > 0) items[at] = last;
    return least;
  }

  /** Takes everything out, in no order. */
  drain(): T[] {
    return this.#items.splice(0);
  }
}
