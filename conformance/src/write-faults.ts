/** What a failed write leaves: `lost`, nothing; `stored`, all of it, although it was not acknowledged. */
export type Fate = "lost" | "stored";

/** Makes the write with this number fail with that fate, counted from 1 from now on; `Infinity`: none. */
export type FailAt = (write: number, fate: Fate) => void;

/**
 * Counts the writes of a store and makes them fail on request, for `failAt` and `dieAt` of a harness. The store must
 * make each of its writes through `write`.
 */
export class WriteFaults {
  #left = Number.POSITIVE_INFINITY;
  #fate: Fate = "lost";
  #isDeadly = false;
  #isDead = false;

  /** Makes one write fail; later writes succeed. */
  readonly failAt: FailAt = (write, fate) => {
    [this.#left, this.#fate, this.#isDeadly] = [write, fate, false];
  };

  /** Makes a write fail, and all later ones too, with nothing stored. */
  readonly dieAt: FailAt = (write, fate) => {
    [this.#left, this.#fate, this.#isDeadly] = [write, fate, true];
  };

  /** True after the write of `dieAt` has failed. */
  get isDead(): boolean {
    return this.#isDead;
  }

  /** Calls `make` and returns its value. If this write is to fail, throws, or rejects once `make` has. */
  write<T>(make: () => T): T {
    if (this.#isDead) throw new Error("the machine has died");
    this.#left -= 1;
    if (this.#left !== 0) return make();
    this.#isDead = this.#isDeadly;
    const error = new Error(`the write failed, and was ${this.#fate}`);
    const made = this.#fate === "stored" ? make() : undefined;
    if (made instanceof Promise) return made.then(() => Promise.reject(error)) as T;
    throw error;
  }
}
