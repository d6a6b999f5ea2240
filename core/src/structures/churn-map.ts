/** So many keys of what was deleted may always stay. */
const SPARE = 1000;

/**
 * A Map for entries with a high turnover. V8 rebuilds the table of a Map whenever it has filled up with deleted
 * entries, and each old table refers to the next one: if one reaches the old generation, it keeps everything in the
 * later ones alive until the next full collection. This class overwrites deleted entries, and moves the rest to a new
 * Map from time to time.
 */
export class ChurnMap<K, V extends object | string> {
  #map = new Map<K, V | undefined>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(key: K): V | undefined {
    return this.#map.get(key);
  }

  set(key: K, value: V): void {
    if (this.#map.get(key) === undefined) this.#size++;
    this.#map.set(key, value);
    this.#renew();
  }

  /** Deletes an entry; returns whether it existed. */
  delete(key: K): boolean {
    if (this.#map.get(key) === undefined) return false;
    this.#map.set(key, undefined);
    this.#size--;
    this.#renew();
    return true;
  }

  /** Iterates over the entries in the order in which their keys were added. */
  *[Symbol.iterator](): Generator<[K, V]> {
    for (const [key, value] of this.#map) if (value !== undefined) yield [key, value];
  }

  #renew(): void {
    if (this.#map.size > 2 * this.#size + SPARE) this.#map = new Map(this);
  }
}
