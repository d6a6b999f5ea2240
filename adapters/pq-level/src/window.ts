import { type Level, pagesOf, type RangeOptions, type ReadOptions, UTF8 } from "@jobq/level";
import { type KeyRange, successor } from "./keys.ts";

/** How many keys a window holds at most, unless more are asked for at once. */
const CAPACITY = 2_000;
const PAGE_BYTES = 128 * 1024;

/** Keys that come and go in one step. */
export interface KeyMoves {
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

/**
 * The first keys of a range, in memory: those from the floor, before which the range is empty, to the last key held,
 * or to the end when the window is complete. LevelDB keeps deleted keys until it compacts, and passes them one by one
 * when it looks for the first; a window reads on where it stopped and never meets them.
 */
export class Window {
  readonly #range: KeyRange;
  #keys: string[] = [];
  /** Where in the list the window starts; what is before it has been removed. */
  #start = 0;
  #floor: string;
  #isComplete: boolean;

  /** @param floor without one the range is empty */
  constructor(range: KeyRange, floor?: string) {
    this.#range = range;
    this.#floor = floor ?? range.lt;
    this.#isComplete = floor === undefined;
  }

  get size(): number {
    return this.#keys.length - this.#start;
  }

  /** No key of the range sorts before this one. */
  get floor(): string {
    return this.#floor;
  }

  /** The first keys, at most `count`; to be filled before. */
  first(count: number): string[] {
    return this.#keys.slice(this.#start, this.#start + count);
  }

  /** Reads until it holds `count` keys or all there are. */
  async fill(level: Level, count: number): Promise<void> {
    if (this.#isComplete || this.size >= count) return;
    const last = this.size > 0 ? this.#keys.at(-1) : undefined;
    const from = last === undefined ? { gte: this.#floor } : { gt: last };
    const limit = Math.max(CAPACITY, count) - this.size;
    const read = await readKeys(level, { ...from, lt: this.#range.lt, limit });
    this.#keys = this.#keys.slice(this.#start).concat(read);
    this.#start = 0;
    this.#isComplete = read.length < limit;
  }

  /** The floor when the keys have come and gone. */
  floorAfter({ added, removed }: KeyMoves): string {
    let floor = removed.length > 0 ? this.#floorWithout(removed) : this.#floor;
    for (const key of added) if (key < floor) floor = key;
    return floor;
  }

  /** The keys have come and gone. */
  adopt(moves: KeyMoves): void {
    this.#floor = this.floorAfter(moves);
    for (const key of moves.removed) this.#remove(key);
    for (const key of moves.added) this.#add(key);
    if (this.size > CAPACITY) this.#forgetAfter(CAPACITY);
    if (this.#start > CAPACITY) this.#trim();
  }

  /** The range is empty. */
  restart(): void {
    this.#keys = [];
    this.#start = 0;
    this.#floor = this.#range.lt;
    this.#isComplete = true;
  }

  /** Lets go of the keys; they are read again when they are needed. */
  release(): void {
    if (this.size > 0) this.#isComplete = false;
    this.#keys = [];
    this.#start = 0;
  }

  #floorWithout(removed: readonly string[]): string {
    const gone = new Set(removed);
    let at = this.#start;
    while (at < this.#keys.length && gone.has(this.#keys[at] as string)) at++;
    if (at < this.#keys.length) return this.#keys[at] as string;
    return at > this.#start ? successor(this.#keys.at(-1) as string) : this.#floor;
  }

  #remove(key: string): void {
    if (this.#keys[this.#start] === key) {
      this.#start++;
      return;
    }
    const at = this.#indexOf(key);
    if (this.#keys[at] === key) this.#keys.splice(at, 1);
  }

  #add(key: string): void {
    const last = this.size > 0 ? (this.#keys.at(-1) as string) : undefined;
    if (last === undefined || key > last) {
      if (this.#isComplete) this.#keys.push(key);
      return;
    }
    const at = this.#indexOf(key);
    if (this.#keys[at] !== key) this.#keys.splice(at, 0, key);
  }

  /** Where the key is, or would be. */
  #indexOf(key: string): number {
    let low = this.#start;
    let high = this.#keys.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#keys[middle] as string) < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #forgetAfter(count: number): void {
    this.#keys.length = this.#start + count;
    this.#isComplete = false;
  }

  #trim(): void {
    this.#keys = this.#keys.slice(this.#start);
    this.#start = 0;
  }
}

async function readKeys(level: Level, range: Omit<RangeOptions, keyof ReadOptions>): Promise<string[]> {
  const keys: string[] = [];
  for await (const page of pagesOf(level.keys({ ...range, highWaterMarkBytes: PAGE_BYTES, ...UTF8 })))
    keys.push(...page);
  return keys;
}
