/** How many items a run takes. */
const MOST = 512;

/**
 * A sorted list without duplicates, in runs of up to 512 items. Adding at the end and taking from the start cost the
 * same at any size; any other operation takes two binary searches and a move within a run. @typeParam Key the part of
 * an item that decides its order; it must not change while the item is in the list
 */
export class SortedList<Key extends object, Item extends Key = Key> {
  readonly #isBefore: (a: Key, b: Key) => boolean;
  /** None is empty. */
  readonly #runs: Item[][] = [];
  /** How many items at the head of the first run are gone. */
  #gone = 0;
  #size = 0;

  /** @param isBefore whether `a` comes before `b`; of two that come before each other neither, there is but one */
  constructor(isBefore: (a: Key, b: Key) => boolean) {
    this.#isBefore = isBefore;
  }

  get size(): number {
    return this.#size;
  }

  first(): Item | undefined {
    return this.#runs[0]?.[this.#gone];
  }

  find(key: Key): Item | undefined {
    const nth = this.#nth(key);
    return this.#there(nth, this.#at(nth, key), key);
  }

  /** Iterates from the place of `key`; by default over everything. The list must not change meanwhile. */
  *from(key?: Key): Generator<Item> {
    let run = key === undefined ? 0 : this.#nth(key);
    let at = key === undefined ? this.#gone : this.#at(run, key);
    for (; run < this.#runs.length; run++, at = 0) yield* (this.#runs[run] as Item[]).slice(at);
  }

  /** Adds the item, unless its place is taken; returns the item in that place. */
  add(item: Item): Item {
    const last = this.#runs[this.#runs.length - 1];
    if (last && !this.#isBefore(last[last.length - 1] as Item, item)) return this.#insert(item);
    if (last && last.length < MOST) last.push(item);
    else this.#runs.push([item]);
    this.#size++;
    return item;
  }

  /** Removes the item in the place of `key` and returns it. */
  delete(key: Key): Item | undefined {
    const first = this.first();
    if (first !== undefined && first === key) return this.#take(0, this.#gone, first);
    const nth = this.#nth(key);
    const at = this.#at(nth, key);
    const item = this.#there(nth, at, key);
    return item && this.#take(nth, at, item);
  }

  #take(nth: number, at: number, item: Item): Item {
    const run = this.#runs[nth] as Item[];
    this.#size--;
    if (nth === 0 && at === this.#gone) {
      // Taking it out would move all the others.
      (run as (Item | undefined)[])[this.#gone++] = undefined;
    } else run.splice(at, 1);
    if (run.length === this.#head(nth)) {
      this.#runs.splice(nth, 1);
      if (nth === 0) this.#gone = 0;
    }
    return item;
  }

  #insert(item: Item): Item {
    const nth = this.#nth(item);
    const at = this.#at(nth, item);
    const there = this.#there(nth, at, item);
    if (there) return there;
    const run = this.#runs[nth] as Item[];
    run.splice(at, 0, item);
    if (run.length > MOST) this.#runs.splice(nth + 1, 0, run.splice((this.#head(nth) + run.length) >>> 1));
    this.#size++;
    return item;
  }

  /** Where the items of that run begin. */
  #head(nth: number): number {
    return nth === 0 ? this.#gone : 0;
  }

  /** The item at that place, if it is the one that `key` asks for and not the next. */
  #there(nth: number, at: number, key: Key): Item | undefined {
    const item = this.#runs[nth]?.[at];
    return item && !this.#isBefore(key, item) ? item : undefined;
  }

  /** The first run whose last item does not come before `key`. */
  #nth(key: Key): number {
    return firstNot(0, this.#runs.length, (nth) => {
      const run = this.#runs[nth] as Item[];
      return this.#isBefore(run[run.length - 1] as Item, key);
    });
  }

  /** The first place in that run whose item does not come before `key`. */
  #at(nth: number, key: Key): number {
    const run = this.#runs[nth] ?? [];
    return firstNot(this.#head(nth), run.length, (at) => this.#isBefore(run[at] as Item, key));
  }
}

/** The first number from `low` on that does not have what only the smaller ones have; `high` when all below it do. */
function firstNot(low: number, high: number, has: (number: number) => boolean): number {
  let from = low;
  let to = high;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (has(middle)) from = middle + 1;
    else to = middle;
  }
  return from;
}
