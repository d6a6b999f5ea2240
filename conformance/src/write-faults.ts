/** What of a write that fails is there afterwards: nothing, or all of it though nobody was told. */
export type Fate = "lost" | "stored";

/** Has the write with this number, counted from 1 from now on, fail with that fate; `Infinity`: none. */
export type FailAt = (write: number, fate: Fate) => void;

/**
 * Counts the writes of a store, and has them fail when it is told to: what `failAt` and `dieAt` of a harness are made of.
 * A store makes each of its writes by way of `write`.
 */
export class WriteFaults {
  #left = Number.POSITIVE_INFINITY;
  #fate: Fate = "lost";
  #isDeadly = false;
  #isDead = false;

  /** Has one write fail; those after it go through. */
  readonly failAt: FailAt = (write, fate) => {
    [this.#left, this.#fate, this.#isDeadly] = [write, fate, false];
  };

  /** Has a write fail, and every later one as well, with nothing stored. */
  readonly dieAt: FailAt = (write, fate) => {
    [this.#left, this.#fate, this.#isDeadly] = [write, fate, true];
  };

  /** True once a write has failed after which all do. */
  get isDead(): boolean {
    return this.#isDead;
  }

  /** Makes a write, which may take time, unless it is one that fails; throws or rejects then. */
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
