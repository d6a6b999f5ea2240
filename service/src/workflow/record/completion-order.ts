/** So many turns of the microtask queue let code go on to its next step, however it awaits. */
const TURNS = 64;

/** Lets code that waits for nothing but promises come to its next step. */
export async function turns(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn++) await undefined;
}

/**
 * Tells the code of a run that its steps have finished, in the order in which they first did: a race has the same winner
 * in every replay, and what follows one branch comes before what follows the next. Code that does one thing after
 * another never waits here.
 */
export class CompletionOrder {
  #turn = 1;
  #given: number;
  readonly #waiting = new Map<number, () => void>();
  #draining = false;

  /** @param last how many steps have finished before */
  constructor(last: number) {
    this.#given = last;
  }

  /** The number of the step that finishes next. */
  get next(): number {
    return this.#given + 1;
  }

  /** Gives that number away. */
  take(): void {
    this.#given++;
  }

  /** True when all that is offered has been told. */
  get isDrained(): boolean {
    return this.#waiting.size === 0;
  }

  /** Calls `tell` when it is its turn: once those before it have been told, or are not asked for. */
  offer(order: number, tell: () => void): void {
    if (order <= this.#turn && this.#waiting.size === 0) this.#tell(order, tell);
    else {
      this.#waiting.set(order, tell);
      if (order <= this.#turn) this.#tellFirst();
      if (!this.#draining) void this.#drain();
    }
  }

  /** True while some of what had finished before has not been told. */
  isReplaying(last: number): boolean {
    return this.#turn <= last;
  }

  #tell(order: number, tell: () => void): void {
    this.#turn = Math.max(this.#turn, order + 1);
    tell();
  }

  #tellFirst(): void {
    const order = Math.min(...this.#waiting.keys());
    const tell = this.#waiting.get(order);
    this.#waiting.delete(order);
    if (tell) this.#tell(order, tell);
  }

  async #drain(): Promise<void> {
    this.#draining = true;
    while (this.#waiting.size > 0) {
      await turns();
      if (this.#waiting.size > 0) this.#tellFirst();
    }
    this.#draining = false;
  }
}
