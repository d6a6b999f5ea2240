/** So many keys of what was deleted may always stay. */
const SPARE = 1000;

/**
 * A Map for what comes and goes. V8 makes the table of a Map anew whenever it has filled up with what was deleted, and
 * lets each table know the next: one that has reached the old generation keeps alive whatever was in any of those after
 * it, until the next full collection. Here what is deleted is overwritten, and the rest moves to a new Map now and then.
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

  /** True when it was there. */
  delete(key: K): boolean {
    if (this.#map.get(key) === undefined) return false;
    this.#map.set(key, undefined);
    this.#size--;
    this.#renew();
    return true;
  }

  /** What is there, in the order in which the keys came. */
  *[Symbol.iterator](): Generator<[K, V]> {
    for (const [key, value] of this.#map) if (value !== undefined) yield [key, value];
  }

  #renew(): void {
    if (this.#map.size > 2 * this.#size + SPARE) this.#map = new Map(this);
  }
}
